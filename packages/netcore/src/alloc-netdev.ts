/** Making device structures. cf. alloc_netdev_mqs, net/core/dev.c */
import { IFF_NO_QUEUE } from './if.ts';
import type { Net } from './net.ts';
import { NetDevice } from './net-device.ts';
import { NetError } from './net-error.ts';

export const DEFAULT_TX_QUEUE_LEN = 1000;

/** An unregistered device; a setup that leaves txQueueLen at zero wants no qdisc. */
export function allocNetdev(net: Net, name: string, setup: (dev: NetDevice) => void, txqs = 1): NetDevice {
  if (txqs < 1)
    throw new NetError('EINVAL', `${name}: alloc_netdev: Unable to allocate device with zero queues`);
  const dev = new NetDevice(net, name, txqs);
  setup(dev);
  if (dev.txQueueLen === 0) {
    dev.privFlags |= IFF_NO_QUEUE;
    dev.txQueueLen = DEFAULT_TX_QUEUE_LEN;
  }
  return dev;
}
