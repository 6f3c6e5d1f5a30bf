/** `ethtool -g` and `-G`: the sizes of a device's rings. cf. net/ethtool/rings.c */
import type { EthtoolRingparam } from './ethtool.ts';
import { ethtoolBegin, ethtoolInvalid, ethtoolMerge, ethtoolOp, ethtoolU32 } from './ethtool-request.ts';
import type { NetDevice } from './net-device.ts';

/** The keys of `ethtool --json -g`. */
export interface EthtoolRings {
  'rx-max': number;
  'tx-max': number;
  rx: number;
  tx: number;
}

/** Null when the driver has no rings to tell of: EOPNOTSUPP. */
export function ethtoolGetRings(dev: NetDevice): EthtoolRings | null {
  ethtoolBegin(dev);
  const ring = dev.ethtoolOps.getRingparam?.(dev);
  if (ring === undefined) return null;
  return { 'rx-max': ring.rxMaxPending, 'tx-max': ring.txMaxPending, rx: ring.rxPending, tx: ring.txPending };
}

/** Takes effect at once, on a running device too. */
export function ethtoolSetRings(dev: NetDevice, { rx, tx }: { rx?: number; tx?: number }): void {
  const get = ethtoolOp(dev, dev.ethtoolOps.getRingparam, 'ring size');
  const set = ethtoolOp(dev, dev.ethtoolOps.setRingparam, 'ring size');
  const now = get(dev);
  const patch: Partial<EthtoolRingparam> = {
    ...(rx === undefined ? {} : { rxPending: ethtoolU32(dev, 'rx', rx) }),
    ...(tx === undefined ? {} : { txPending: ethtoolU32(dev, 'tx', tx) }),
  };
  const next = ethtoolMerge(now, patch);
  if (next === false) return;
  if (next.rxPending > now.rxMaxPending || next.txPending > now.txMaxPending) {
    throw ethtoolInvalid(
      dev,
      'requested ring size exceeds maximum',
      `takes rx up to ${now.rxMaxPending} and tx up to ${now.txMaxPending}, not rx ${next.rxPending} and tx ${next.txPending}`,
    );
  }
  set(dev, next);
}
