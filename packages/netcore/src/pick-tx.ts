/** Which transmit queue takes a frame: the driver says, or its flow does. cf. netdev_core_pick_tx, net/core/dev.c */
import { skbGetHash } from './flow-dissector.ts';
import type { NetDevice } from './net-device.ts';
import type { NetdevQueue } from './netdev-queue.ts';
import type { SkBuff } from './skbuff.ts';

/** For a device of several queues; leaves the choice in skb.queueMapping. */
export function netdevCorePickTx(skb: SkBuff, dev: NetDevice): NetdevQueue {
  const select = dev.netdevOps.ndoSelectQueue;
  const index = select === undefined ? netdevPickTx(skb, dev) : netdevCapTxqueue(dev, select(skb, dev));
  skb.queueMapping = index;
  return dev.txq[index]!;
}

/** All frames of a flow to the same queue, so that none overtakes another; for drivers' ndoSelectQueue too. */
export function netdevPickTx(skb: SkBuff, dev: NetDevice): number {
  return Math.floor((skbGetHash(skb) / 2 ** 32) * dev.txq.length); // cf. reciprocal_scale
}

/** A queue that is not there is the first. */
function netdevCapTxqueue(dev: NetDevice, index: number): number {
  const { length } = dev.txq;
  if (index >= 0 && index < length) return index;
  dev.net.printk(`${dev.name} selects TX queue ${index}, but real number of TX queues is ${length}`);
  return 0;
}
