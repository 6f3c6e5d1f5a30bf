/** mq: the root of a device with several transmit queues; each is a class with a qdisc of its own. cf. net/sched/sch_mq.c */
import type { NetDevice } from '../net-device.ts';
import { NetError } from '../net-error.ts';
import type { NetdevQueue } from '../netdev-queue.ts';
import { NET_XMIT_CN } from '../xmit.ts';
import { noopQdisc } from './noop.ts';
import { PfifoFast } from './pfifo-fast.ts';
import { Qdisc, TCQ_F_ONETXQUEUE } from './qdisc.ts';

/** Never asked for a frame: each queue's own qdisc is. So it keeps no count of its own; a dump adds its children's. */
export class Mq extends Qdisc {
  readonly kind = 'mq';
  override readonly hasQueue = false;
  override readonly classful = true;
  #queues: Qdisc[] = [];

  override init(dev: NetDevice): void {
    if (dev.txq.length < 2)
      throw new NetError(
        'EOPNOTSUPP',
        `Operation not supported: mq is for several transmit queues, ${dev.name} has one`,
      );
    this.#queues = dev.txq.map((txq) => this.#adopt(txq, defaultOf(dev, txq)));
  }

  enqueue(): number {
    return NET_XMIT_CN;
  }

  dequeue(): null {
    return null;
  }

  override reset(): void {
    for (const q of this.#queues) q.reset();
  }

  override hasClass(minor: number): boolean {
    return minor >= 1 && minor <= this.#queues.length;
  }

  override leaf(minor: number): Qdisc {
    return this.#queues[minor - 1]!;
  }

  /** The device is quiet meanwhile: see devGraftMqQueue. */
  override graft(minor: number, fresh: Qdisc | null): void {
    const old = this.leaf(minor);
    this.#queues[minor - 1] = fresh ?? noopQdisc;
    if (fresh !== null) this.#adopt(fresh.txq!, fresh);
    if (old.hasQueue) old.parentQdisc = null;
  }

  override children(): readonly Qdisc[] {
    return this.#queues.filter((q) => q !== noopQdisc);
  }

  #adopt(txq: NetdevQueue, q: Qdisc): Qdisc {
    q.parentQdisc = this;
    q.parentMinor = txq.index + 1;
    q.flags |= TCQ_F_ONETXQUEUE;
    return q;
  }
}

function defaultOf(dev: NetDevice, txq: NetdevQueue): Qdisc {
  const q = new PfifoFast();
  q.txq = txq;
  q.init(dev);
  return q;
}
