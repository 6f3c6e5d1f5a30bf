/** noop and noqueue: the qdisc of a queue that is off, and the mark of a device that needs none. cf. net/sched/sch_generic.c */
import { SKB_DROP_REASON_QDISC_DROP } from '../drop-reason.ts';
import { kfreeSkb } from '../skb-pool.ts';
import type { SkBuff } from '../skbuff.ts';
import { NET_XMIT_CN } from '../xmit.ts';
import { Qdisc } from './qdisc.ts';

/** Drops everything. The drop has a reason on its device, but touches no device counter, as in the kernel. */
class NoopQdisc extends Qdisc {
  readonly kind: string = 'noop';
  override readonly hasQueue = false;

  enqueue(skb: SkBuff): number {
    kfreeSkb(skb, SKB_DROP_REASON_QDISC_DROP);
    return NET_XMIT_CN;
  }

  dequeue(): SkBuff | null {
    return null;
  }
}

/** Never asked to queue: devQueueXmit calls the driver itself. */
export class NoqueueQdisc extends NoopQdisc {
  override readonly kind: string = 'noqueue';
}

/** Both hold no state, so all devices share them; one that was asked for has a handle, and is its device's own. */
export const noopQdisc: Qdisc = new NoopQdisc();
export const noqueueQdisc: Qdisc = new NoqueueQdisc();
