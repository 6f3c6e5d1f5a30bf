/** A device's counters and driver facts in the words of REST: `ip -s`, drop reasons, ethtool. */
import { dropsByReason, ipLinkShow, type NetDevice, netifCarrierOk, qdiscShow } from '@etherloom/netcore';
import type { DeviceStats, Ethtool, IpLink, Qdisc } from '@etherloom/schema';

/** As `ip -j -d -s -s link`. Why the cast: netcore spells the same keys without knowing the schema; a test compares them. */
export function showLink(dev: NetDevice): IpLink {
  return ipLinkShow(dev) as unknown as IpLink;
}

/** As `tc -j -s qdisc`. */
export function showQdisc(dev: NetDevice): Qdisc[] {
  return qdiscShow(dev).map((qdisc) => ({ ...qdisc }));
}

export function showStats(dev: NetDevice): DeviceStats {
  return { stats64: showLink(dev).stats64, drops: dropsByReason(dev.drops), ethtool: ethtoolStats(dev) };
}

/** What the driver does not answer stays empty. */
export function showEthtool(dev: NetDevice): Ethtool {
  return {
    drvinfo: drvinfo(dev),
    settings: linkSettings(dev),
    ring: ring(dev),
    coalesce: coalesce(dev),
    channels: {},
    pause: {},
    features: {},
    stats: ethtoolStats(dev),
  };
}

function ethtoolStats(dev: NetDevice): Record<string, number> {
  const names = dev.ethtoolOps.getStrings?.(dev) ?? [];
  const values = dev.ethtoolOps.getEthtoolStats?.(dev) ?? [];
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? 0]));
}

function drvinfo(dev: NetDevice): Record<string, string> {
  const info = dev.ethtoolOps.getDrvinfo?.(dev);
  return {
    driver: info?.driver ?? dev.kind,
    version: info?.version ?? '',
    'firmware-version': info?.fwVersion ?? '',
    'bus-info': info?.busInfo ?? '',
  };
}

function linkSettings(dev: NetDevice): Record<string, unknown> {
  const detected = { 'link-detected': netifCarrierOk(dev) };
  const given = dev.ethtoolOps.getLinkKsettings?.(dev);
  if (given === undefined) return detected;
  const { speed, duplex, autoneg, port } = given;
  return { speed, duplex, 'auto-negotiation': autoneg, port, ...detected };
}

function ring(dev: NetDevice): Record<string, number> {
  const given = dev.ethtoolOps.getRingparam?.(dev);
  if (given === undefined) return {};
  const { rxMaxPending, txMaxPending, rxPending, txPending } = given;
  return { 'rx-max': rxMaxPending, 'tx-max': txMaxPending, rx: rxPending, tx: txPending };
}

function coalesce(dev: NetDevice): Record<string, number> {
  const given = dev.ethtoolOps.getCoalesce?.(dev);
  if (given === undefined) return {};
  return {
    'rx-usecs': given.rxCoalesceUsecs,
    'rx-frames': given.rxMaxCoalescedFrames,
    'tx-usecs': given.txCoalesceUsecs,
    'tx-frames': given.txMaxCoalescedFrames,
  };
}
