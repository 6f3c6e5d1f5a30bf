/** `ethtool -a` and `-A`: PAUSE frames. cf. net/ethtool/pause.c */
import type { EthtoolPauseparam } from './ethtool.ts';
import { ethtoolBegin, ethtoolMerge, ethtoolOp } from './ethtool-request.ts';
import type { NetDevice } from './net-device.ts';

/** The keys of `ethtool --json -a`. */
export interface EthtoolPause {
  autonegotiate: boolean;
  rx: boolean;
  tx: boolean;
}

/** Null when the driver knows nothing of PAUSE: EOPNOTSUPP. */
export function ethtoolGetPause(dev: NetDevice): EthtoolPause | null {
  ethtoolBegin(dev);
  const now = dev.ethtoolOps.getPauseparam?.(dev);
  return now === undefined ? null : { autonegotiate: now.autoneg, rx: now.rxPause, tx: now.txPause };
}

export function ethtoolSetPause(dev: NetDevice, wanted: Partial<EthtoolPause>): void {
  const get = ethtoolOp(dev, dev.ethtoolOps.getPauseparam, 'PAUSE');
  const patch: Partial<EthtoolPauseparam> = {};
  if (wanted.autonegotiate !== undefined) patch.autoneg = wanted.autonegotiate;
  if (wanted.rx !== undefined) patch.rxPause = wanted.rx;
  if (wanted.tx !== undefined) patch.txPause = wanted.tx;
  const next = ethtoolMerge(get(dev), patch);
  if (next !== false) ethtoolOp(dev, dev.ethtoolOps.setPauseparam, 'PAUSE')(dev, next);
}
