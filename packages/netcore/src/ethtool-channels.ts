/** `ethtool -l` and `-L`: how many queues have interrupts of their own. cf. net/ethtool/channels.c */
import type { EthtoolChannels as Channels } from './ethtool.ts';
import { ethtoolBegin, ethtoolInvalid, ethtoolMerge, ethtoolOp, ethtoolU32 } from './ethtool-request.ts';
import type { NetDevice } from './net-device.ts';

/** The keys of `ethtool --json -l`; a kind of channel that the device cannot have is left out. */
export interface EthtoolChannelCounts {
  'rx-max'?: number;
  'tx-max'?: number;
  'other-max'?: number;
  'combined-max'?: number;
  rx?: number;
  tx?: number;
  other?: number;
  combined?: number;
}

export interface EthtoolChannelsPatch {
  rx?: number;
  tx?: number;
  other?: number;
  combined?: number;
}

/** Null when the driver has none to tell of: EOPNOTSUPP. */
export function ethtoolGetChannels(dev: NetDevice): EthtoolChannelCounts | null {
  ethtoolBegin(dev);
  const now = dev.ethtoolOps.getChannels?.(dev);
  if (now === undefined) return null;
  return {
    ...(now.maxRx > 0 && { 'rx-max': now.maxRx, rx: now.rxCount }),
    ...(now.maxTx > 0 && { 'tx-max': now.maxTx, tx: now.txCount }),
    ...(now.maxOther > 0 && { 'other-max': now.maxOther, other: now.otherCount }),
    ...(now.maxCombined > 0 && { 'combined-max': now.maxCombined, combined: now.combinedCount }),
  };
}

export function ethtoolSetChannels(dev: NetDevice, wanted: EthtoolChannelsPatch): void {
  const get = ethtoolOp(dev, dev.ethtoolOps.getChannels, 'number of channels');
  const set = ethtoolOp(dev, dev.ethtoolOps.setChannels, 'number of channels');
  const patch: Partial<Channels> = {};
  for (const key of ['rx', 'tx', 'other', 'combined'] as const) {
    const value = wanted[key];
    if (value !== undefined) patch[`${key}Count`] = ethtoolU32(dev, key, value);
  }
  const next = ethtoolMerge(get(dev), patch);
  if (next === false) return;
  checkCounts(dev, next);
  set(dev, next);
}

function checkCounts(dev: NetDevice, c: Channels): void {
  const tooMany =
    c.rxCount > c.maxRx ||
    c.txCount > c.maxTx ||
    c.otherCount > c.maxOther ||
    c.combinedCount > c.maxCombined;
  if (tooMany) {
    const most = `rx ${c.maxRx}, tx ${c.maxTx}, other ${c.maxOther}, combined ${c.maxCombined}`;
    throw ethtoolInvalid(dev, 'requested channel count exceeds maximum', `has at most ${most}`);
  }
  if (c.combinedCount === 0 && (c.rxCount === 0 || c.txCount === 0)) {
    const text = 'requested channel counts would result in no RX or TX channel being configured';
    throw ethtoolInvalid(dev, text, 'needs one of each, or a combined one');
  }
}
