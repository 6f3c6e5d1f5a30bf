/** A device's files under /sys/class/net that rule otherwise than netlink. cf. net/core/net-sysfs.c */
import { netifCarrierOk } from './carrier-state.ts';
import { devChangeCarrier } from './link-watch.ts';
import { type NetDevice, netifRunning } from './net-device.ts';
import { NetError } from './net-error.ts';

/** Reading `carrier`. */
export function carrierShow(dev: NetDevice): 0 | 1 {
  requireRunning(dev);
  return netifCarrierOk(dev) ? 1 : 0;
}

/** Writing `carrier`: unlike IFLA_CARRIER it wants a device that is up. */
export function carrierStore(dev: NetDevice, on: boolean): void {
  requireRunning(dev);
  devChangeCarrier(dev, on);
}

/** Writing `gro_flush_timeout`: nanoseconds that a NAPI instance may be left alone with what it holds. */
export function groFlushTimeoutStore(dev: NetDevice, ns: number): void {
  dev.groFlushTimeout = inRange(dev, 'gro_flush_timeout', ns, Number.MAX_SAFE_INTEGER);
}

/** Writing `napi_defer_hard_irqs`: empty polls before interrupts come back. */
export function napiDeferHardIrqsStore(dev: NetDevice, polls: number): void {
  dev.napiDeferHardIrqs = inRange(dev, 'napi_defer_hard_irqs', polls, 0x7fffffff);
}

function inRange(dev: NetDevice, file: string, value: number, most: number): number {
  if (!Number.isInteger(value) || value < 0)
    throw new NetError('EINVAL', `${dev.name}: ${file} takes a whole number, not ${value}`);
  if (value > most) throw new NetError('ERANGE', `${dev.name}: ${file} takes at most ${most}, not ${value}`);
  return value;
}

function requireRunning(dev: NetDevice): void {
  if (!netifRunning(dev))
    throw new NetError('EINVAL', `${dev.name} is down, and its carrier unknown; set it up first`);
}
