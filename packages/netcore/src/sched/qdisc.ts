/**
 * A queueing discipline: what stands between devQueueXmit and the driver. cf. struct Qdisc, sch_generic.h
 *
 *   devQueueXmit --> enqueue()   root   dequeue() --> sch-generic.ts --> driver
 *                                 | classes, each with a qdisc of its own: leaf(), graft()
 *
 * `qlen` and `backlog` of a parent count what its children hold too; who drops behind a parent's back tells it by
 * qdiscTreeReduceBacklog (qdisc-tree.ts).
 */
import { SKB_DROP_REASON_QDISC_DROP, SKB_DROP_REASON_QUEUE_PURGE } from '../drop-reason.ts';
import type { NetDevice } from '../net-device.ts';
import { NetError } from '../net-error.ts';
import type { NetdevQueue } from '../netdev-queue.ts';
import { kfreeSkb } from '../skb-pool.ts';
import { SkbQueue } from '../skb-queue.ts';
import { type SkBuff, skbSegs, skbWireLen } from '../skbuff.ts';
import { NET_XMIT_DROP } from '../xmit.ts';

/** An empty qdisc may hand a frame straight to the driver. */
export const TCQ_F_CAN_BYPASS = 1 << 2;
/** All that leaves goes to one transmit queue: `txq`. */
export const TCQ_F_ONETXQUEUE = 1 << 4;

/** Beside NET_XMIT_SUCCESS: the frame is gone all the same, which a parent must know and a sender must not. */
export const NET_XMIT_BYPASS = 0x20000;

/** Configured qdiscs take their handles from here to there. */
export const QDISC_HANDLE_FIRST = 0x8001;
export const QDISC_HANDLE_LAST = 0xffff;

/** Options by the names and in the units of `tc -j qdisc`. */
export type QdiscOptions = Readonly<Record<string, unknown>>;

export abstract class Qdisc {
  abstract readonly kind: string;
  /** False for noop and noqueue, which hold nothing. */
  readonly hasQueue: boolean = true;
  /** True for those with classes, to which other qdiscs can be grafted. */
  readonly classful: boolean = false;
  flags = 0;
  /** The major number alone: 0x8001 is 8001: */
  handle = 0;
  /** Whose class `parentMinor` it serves; null at the root. */
  parentQdisc: Qdisc | null = null;
  parentMinor = 0;
  /** A default child that `tc` does not show. cf. TCQ_F_INVISIBLE */
  invisible = false;
  txq: NetdevQueue | null = null;

  /** Frames and bytes inside now, those handed back by a busy driver included. */
  qlen = 0;
  backlog = 0;
  /** Frames and bytes given on, ever. */
  packets = 0;
  bytes = 0;
  drops = 0;
  overlimits = 0;
  requeues = 0;

  /** Frames the driver refused, or that a parent has only looked at: they leave first. cf. gso_skb */
  readonly requeued = new SkbQueue();
  running = false;
  /** On the softirq's output list. */
  scheduled = false;
  nextScheduled: Qdisc | null = null;

  /** Takes the skb or drops it; NET_XMIT_*. */
  abstract enqueue(skb: SkBuff): number;
  abstract dequeue(): SkBuff | null;

  /** Called once, with `txq` set, before any frame; throws, and leaves nothing behind, when the options are wrong. */
  init(_dev: NetDevice, _options?: QdiscOptions): void {}

  /** Other options for the frames to come; those inside stay. Throws, and changes nothing, when they are wrong. */
  change(_options: QdiscOptions): void {
    throw new NetError('EINVAL', `Change operation not supported by specified qdisc: ${this.kind}`);
  }

  /** Drops all that is inside, children and timers included; the counters stay. */
  reset(): void {
    this.requeued.purge(SKB_DROP_REASON_QUEUE_PURGE);
    this.qlen = 0;
    this.backlog = 0;
  }

  changeTxQueueLen(_len: number): void {}

  /** The next skb, which stays inside; null when none may leave now. cf. qdisc_peek_dequeued */
  peek(): SkBuff | null {
    if (this.requeued.head !== null) return this.requeued.head;
    const skb = this.dequeue();
    if (skb === null) return null;
    this.requeued.enqueueTail(skb);
    this.qlen++;
    this.backlog += skb.tail - skb.data;
    return skb;
  }

  /** dequeue() for who may have peeked. */
  dequeuePeeked(): SkBuff | null {
    const skb = this.requeued.dequeue();
    if (skb === null) return this.dequeue();
    this.qlen--;
    this.backlog -= skb.tail - skb.data;
    return skb;
  }

  hasClass(_minor: number): boolean {
    return false;
  }

  /** The qdisc of a class; null when it has none. */
  leaf(_minor: number): Qdisc | null {
    return null;
  }

  /** Puts a qdisc (null: what a class has by default) in place of another, which it drains. */
  graft(_minor: number, _fresh: Qdisc | null): void {}

  /** In order of their classes. */
  children(): readonly Qdisc[] {
    return [];
  }

  /** `tc -j qdisc` options. */
  dump(): Record<string, unknown> {
    return {};
  }

  /** What `tc -j -s qdisc` prints behind the counters that all have. */
  dumpStats(): Record<string, number> {
    return {};
  }

  /** Counts an skb that leaves for the one who asked. cf. qdisc_bstats_update */
  protected left(skb: SkBuff): SkBuff {
    this.qlen--;
    this.backlog -= skb.tail - skb.data;
    this.packets += skbSegs(skb);
    this.bytes += skbWireLen(skb);
    return skb;
  }

  /** Counts and frees an skb that did not fit. */
  protected drop(skb: SkBuff): number {
    this.drops++;
    kfreeSkb(skb, SKB_DROP_REASON_QDISC_DROP);
    return NET_XMIT_DROP;
  }
}
