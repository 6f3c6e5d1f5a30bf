/** A device that is out of reach for a while: unplugged, suspended. cf. netif_device_detach, net/core/dev.c */
import { LINK_STATE_PRESENT, type NetDevice, netifDevicePresent, netifRunning } from './net-device.ts';
import { netdevWatchdogUp } from './sched/watchdog.ts';
import { netifTxStopQueue, netifTxWakeQueue } from './tx-queue.ts';

/** Its queues stop, and what is asked of it is answered ENODEV, until it is attached again. */
export function netifDeviceDetach(dev: NetDevice): void {
  if (!netifDevicePresent(dev)) return;
  dev.state &= ~LINK_STATE_PRESENT;
  if (netifRunning(dev)) for (const txq of dev.txq) netifTxStopQueue(txq);
}

export function netifDeviceAttach(dev: NetDevice): void {
  if (netifDevicePresent(dev)) return;
  dev.state |= LINK_STATE_PRESENT;
  if (!netifRunning(dev)) return;
  for (const txq of dev.txq) netifTxWakeQueue(txq);
  netdevWatchdogUp(dev);
}
