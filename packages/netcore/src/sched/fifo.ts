/** pfifo and bfifo: first in, first out, so many frames or bytes. cf. net/sched/sch_fifo.c */

import { SKB_DROP_REASON_QUEUE_PURGE } from '../drop-reason.ts';
import type { NetDevice } from '../net-device.ts';
import { SkbQueue } from '../skb-queue.ts';
import type { SkBuff } from '../skbuff.ts';
import { NET_XMIT_SUCCESS } from '../xmit.ts';
import { Qdisc, type QdiscOptions, TCQ_F_CAN_BYPASS } from './qdisc.ts';
import { onlyOptions, wholeOption } from './qdisc-options.ts';

abstract class Fifo extends Qdisc {
  readonly #queue = new SkbQueue();
  limit = 0;

  protected abstract defaultLimit(dev: NetDevice): number;
  /** The smallest limit with which a frame of full size passes. */
  protected abstract least(dev: NetDevice): number;

  override init(dev: NetDevice, options: QdiscOptions = {}): void {
    const limit = this.#read(options);
    this.#set(limit ?? this.defaultLimit(dev), dev);
  }

  override change(options: QdiscOptions): void {
    const { dev } = this.txq!;
    const limit = this.#read(options);
    this.#set(limit ?? this.defaultLimit(dev), dev);
  }

  dequeue(): SkBuff | null {
    const skb = this.#queue.dequeue();
    return skb === null ? null : this.left(skb);
  }

  override reset(): void {
    this.#queue.purge(SKB_DROP_REASON_QUEUE_PURGE);
    super.reset();
  }

  override dump(): Record<string, unknown> {
    return { limit: this.limit };
  }

  protected take(skb: SkBuff): number {
    this.#queue.enqueueTail(skb);
    this.qlen++;
    this.backlog += skb.tail - skb.data;
    return NET_XMIT_SUCCESS;
  }

  #read(options: QdiscOptions): number | undefined {
    onlyOptions(this.kind, options, ['limit']);
    return wholeOption(options, 'limit');
  }

  #set(limit: number, dev: NetDevice): void {
    this.limit = limit;
    if (limit >= this.least(dev)) this.flags |= TCQ_F_CAN_BYPASS;
    else this.flags &= ~TCQ_F_CAN_BYPASS;
  }
}

export class Pfifo extends Fifo {
  readonly kind = 'pfifo';

  enqueue(skb: SkBuff): number {
    return this.qlen < this.limit ? this.take(skb) : this.drop(skb);
  }

  protected defaultLimit(dev: NetDevice): number {
    return dev.txQueueLen;
  }

  protected least(): number {
    return 1;
  }
}

export class Bfifo extends Fifo {
  readonly kind = 'bfifo';

  enqueue(skb: SkBuff): number {
    return this.backlog + skb.tail - skb.data <= this.limit ? this.take(skb) : this.drop(skb);
  }

  protected defaultLimit(dev: NetDevice): number {
    return dev.txQueueLen * this.least(dev);
  }

  protected least(dev: NetDevice): number {
    return dev.mtu + dev.hardHeaderLen;
  }
}

/** A parent's limit is its default child's too. cf. fifo_set_limit */
export function fifoSetLimit(q: Qdisc, limit: number): void {
  if (q instanceof Fifo) q.change({ limit });
}
