/** `ethtool -c` and `-C`: how long a device gathers before it interrupts or rings. cf. net/ethtool/coalesce.c */
import type { EthtoolCoalesce as Coalesce } from './ethtool.ts';
import { ethtoolBegin, ethtoolInvalid, ethtoolMerge, ethtoolOp, ethtoolU32 } from './ethtool-request.ts';
import type { NetDevice } from './net-device.ts';

/** The keys of `ethtool --json -c` that a driver here may support. */
export interface EthtoolCoalesceParams {
  'rx-usecs': number;
  'rx-frames': number;
  'tx-usecs': number;
  'tx-frames': number;
}

const FIELDS = {
  'rx-usecs': 'rxCoalesceUsecs',
  'rx-frames': 'rxMaxCoalescedFrames',
  'tx-usecs': 'txCoalesceUsecs',
  'tx-frames': 'txMaxCoalescedFrames',
} as const satisfies Record<keyof EthtoolCoalesceParams, keyof Coalesce>;
const KEYS = Object.keys(FIELDS) as (keyof EthtoolCoalesceParams)[];

/** Null when the driver does not coalesce: EOPNOTSUPP. */
export function ethtoolGetCoalesce(dev: NetDevice): EthtoolCoalesceParams | null {
  ethtoolBegin(dev);
  const now = dev.ethtoolOps.getCoalesce?.(dev);
  if (now === undefined) return null;
  return {
    'rx-usecs': now.rxCoalesceUsecs,
    'rx-frames': now.rxMaxCoalescedFrames,
    'tx-usecs': now.txCoalesceUsecs,
    'tx-frames': now.txMaxCoalescedFrames,
  };
}

export function ethtoolSetCoalesce(dev: NetDevice, params: Partial<EthtoolCoalesceParams>): void {
  const get = ethtoolOp(dev, dev.ethtoolOps.getCoalesce, 'coalescing');
  const set = ethtoolOp(dev, dev.ethtoolOps.setCoalesce, 'coalescing');
  const patch: Partial<Coalesce> = {};
  for (const key of KEYS) {
    const value = params[key];
    if (value !== undefined) patch[FIELDS[key]] = ethtoolU32(dev, key, value);
  }
  const next = ethtoolMerge(get(dev), patch);
  if (next === false) return;
  refuseForever(dev, 'rx', next.rxCoalesceUsecs, next.rxMaxCoalescedFrames);
  refuseForever(dev, 'tx', next.txCoalesceUsecs, next.txMaxCoalescedFrames);
  set(dev, next);
}

/** cf. struct ethtool_coalesce: both 0 would cause interrupts to be never generated. */
function refuseForever(dev: NetDevice, side: string, usecs: number, frames: number): void {
  if (usecs !== 0 || frames !== 0) return;
  throw ethtoolInvalid(
    dev,
    'Invalid argument',
    `would never interrupt with ${side}-usecs 0 and ${side}-frames 0; ${side}-frames 1 turns coalescing off`,
  );
}
