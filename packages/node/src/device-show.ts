/** A device, its qdiscs and its counters in the words of REST: `ip -s`, `tc -s qdisc`, drop reasons. */
import { dropsByReason, ethtoolGetStats, ipLinkShow, type NetDevice, qdiscShow } from '@etherloom/netcore';
import type { DeviceStats, IpLink, Qdisc } from '@etherloom/schema';

/** As `ip -j -d -s -s link`. Why the cast: netcore spells the same keys without knowing the schema; a test compares them. */
export function showLink(dev: NetDevice): IpLink {
  return ipLinkShow(dev) as unknown as IpLink;
}

/** As `tc -j -s qdisc`. */
export function showQdisc(dev: NetDevice): Qdisc[] {
  return qdiscShow(dev).map((qdisc) => ({ ...qdisc }));
}

export function showStats(dev: NetDevice): DeviceStats {
  return {
    stats64: showLink(dev).stats64,
    drops: dropsByReason(dev.drops),
    ethtool: ethtoolGetStats(dev) ?? {},
  };
}
