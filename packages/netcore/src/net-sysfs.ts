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

function requireRunning(dev: NetDevice): void {
  if (!netifRunning(dev))
    throw new NetError('EINVAL', `${dev.name} is down, and its carrier unknown; set it up first`);
}
