/** A queueing discipline: what stands between devQueueXmit and the driver. cf. struct Qdisc, sch_generic.h */
import { SKB_DROP_REASON_QDISC_DROP, SKB_DROP_REASON_QUEUE_PURGE } from '../drop-reason.ts';
import type { NetDevice } from '../net-device.ts';
import type { NetdevQueue } from '../netdev-queue.ts';
import { kfreeSkb } from '../skb-pool.ts';
import { SkbQueue } from '../skb-queue.ts';
import type { SkBuff } from '../skbuff.ts';
import { NET_XMIT_DROP } from '../xmit.ts';

/** An empty qdisc may hand a frame straight to the driver. */
export const TCQ_F_CAN_BYPASS = 1 << 2;

/** Configured qdiscs take their handles from here to there. */
export const QDISC_HANDLE_FIRST = 0x8001;
export const QDISC_HANDLE_LAST = 0xffff;

/** The root of a device. */
export const TC_H_ROOT = 0xffffffff;

export abstract class Qdisc {
  abstract readonly kind: string;
  /** False for noop and noqueue, which hold nothing. */
  readonly hasQueue: boolean = true;
  flags = 0;
  handle = 0;
  parent = TC_H_ROOT;
  txq: NetdevQueue | null = null;

  /** Frames and bytes inside now, those handed back by a busy driver included. */
  qlen = 0;
  backlog = 0;
  /** Frames and bytes given to the driver, ever. */
  packets = 0;
  bytes = 0;
  drops = 0;
  overlimits = 0;
  requeues = 0;

  /** Frames the driver refused: they leave first. cf. gso_skb */
  readonly requeued = new SkbQueue();
  running = false;
  /** On the softirq's output list. */
  scheduled = false;
  nextScheduled: Qdisc | null = null;

  /** Takes the skb or drops it; NET_XMIT_*. */
  abstract enqueue(skb: SkBuff): number;
  abstract dequeue(): SkBuff | null;

  /** Called once when it becomes the qdisc of a queue. */
  init(_dev: NetDevice): void {}

  /** Drops all that is inside; the counters stay. */
  reset(): void {
    this.requeued.purge(SKB_DROP_REASON_QUEUE_PURGE);
    this.qlen = 0;
    this.backlog = 0;
  }

  changeTxQueueLen(_len: number): void {}

  /** `tc -j qdisc` options. */
  dump(): Record<string, unknown> {
    return {};
  }

  /** Counts and frees an skb that did not fit. */
  protected drop(skb: SkBuff): number {
    this.drops++;
    kfreeSkb(skb, SKB_DROP_REASON_QDISC_DROP);
    return NET_XMIT_DROP;
  }
}
