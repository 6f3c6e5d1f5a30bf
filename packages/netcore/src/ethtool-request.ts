/** What every ethtool request begins with, and how one is refused. cf. ethnl_ops_begin, net/ethtool/netlink.c */
import { type NetDevice, netifDevicePresent } from './net-device.ts';
import { NetError } from './net-error.ts';

/** A device that is gone answers no request. */
export function ethtoolBegin(dev: NetDevice): void {
  if (!netifDevicePresent(dev)) throw new NetError('ENODEV', `${dev.name}: No such device`);
}

/** The driver's operation, or EOPNOTSUPP when it has none. */
export function ethtoolOp<T>(dev: NetDevice, op: T | undefined, what: string): T {
  ethtoolBegin(dev);
  if (op !== undefined) return op;
  throw new NetError(
    'EOPNOTSUPP',
    `Operation not supported: ${dev.name} has no ${what} that could be set (kind ${dev.kind || 'none'})`,
  );
}

/** `text` is the kernel's own. */
export function ethtoolInvalid(dev: NetDevice, text: string, why: string): NetError {
  return new NetError('EINVAL', `${text}: ${dev.name} ${why}`);
}

/** A setting the kernel takes as u32. */
export function ethtoolU32(dev: NetDevice, key: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffffffff) return value;
  throw new NetError('EINVAL', `${dev.name}: ${key} is a whole number from 0, not ${value}`);
}

/** The fields of `patch` that are there, over `now`; false when nothing is different. cf. ethnl_update_u32 and its `mod` */
export function ethtoolMerge<T extends object>(now: T, patch: Partial<T>): T | false {
  const next = { ...now };
  let modified = false;
  for (const key of Object.keys(patch) as (keyof T)[]) {
    const value = patch[key];
    if (value === undefined || value === now[key]) continue;
    next[key] = value as T[keyof T];
    modified = true;
  }
  return modified && next;
}
