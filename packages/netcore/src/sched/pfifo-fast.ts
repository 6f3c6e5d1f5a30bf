/** pfifo_fast: three first-in first-out bands by priority, the default qdisc. cf. net/sched/sch_generic.c */
import { SKB_DROP_REASON_QUEUE_PURGE } from '../drop-reason.ts';
import type { NetDevice } from '../net-device.ts';
import { NetError } from '../net-error.ts';
import { SkbQueue } from '../skb-queue.ts';
import type { SkBuff } from '../skbuff.ts';
import { NET_XMIT_SUCCESS } from '../xmit.ts';
import { Qdisc, type QdiscOptions, TCQ_F_CAN_BYPASS } from './qdisc.ts';
import { onlyOptions } from './qdisc-options.ts';

const TC_PRIO_MAX = 15;
/** The band of a priority; band 0 leaves first. */
const PRIO2BAND = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1] as const;

export class PfifoFast extends Qdisc {
  readonly kind = 'pfifo_fast';
  readonly #bands: readonly SkbQueue[] = [new SkbQueue(), new SkbQueue(), new SkbQueue()];
  /** Each band holds this many. */
  #limit = 0;

  override init(dev: NetDevice, options: QdiscOptions = {}): void {
    onlyOptions(this.kind, options, []);
    if (dev.txQueueLen === 0)
      throw new NetError('EINVAL', `pfifo_fast on ${dev.name}: set txqueuelen above 0 first`);
    this.#limit = dev.txQueueLen;
    this.flags |= TCQ_F_CAN_BYPASS;
  }

  enqueue(skb: SkBuff): number {
    const band = this.#bands[PRIO2BAND[skb.priority & TC_PRIO_MAX]!]!;
    if (band.qlen >= this.#limit) return this.drop(skb);
    band.enqueueTail(skb);
    this.qlen++;
    this.backlog += skb.tail - skb.data;
    return NET_XMIT_SUCCESS;
  }

  dequeue(): SkBuff | null {
    if (this.qlen === 0) return null;
    const skb = this.#bands[0]!.dequeue() ?? this.#bands[1]!.dequeue() ?? this.#bands[2]!.dequeue();
    if (skb === null) return null;
    return this.left(skb);
  }

  override reset(): void {
    for (const band of this.#bands) band.purge(SKB_DROP_REASON_QUEUE_PURGE);
    super.reset();
  }

  /** What no longer fits leaves at once, newest first kept out. With 0 a frame goes to the driver at once, or nowhere. cf. skb_array_resize */
  override changeTxQueueLen(len: number): void {
    this.#limit = len;
    for (const band of this.#bands) this.#shrink(band, len);
  }

  override dump(): Record<string, unknown> {
    return { bands: 3, priomap: [...PRIO2BAND], multiqueue: false };
  }

  #shrink(band: SkbQueue, len: number): void {
    const kept = new SkbQueue();
    for (let skb = band.dequeue(); skb !== null; skb = band.dequeue()) {
      if (kept.qlen < len) {
        kept.enqueueTail(skb);
        continue;
      }
      this.qlen--;
      this.backlog -= skb.len;
      this.drop(skb);
    }
    band.head = kept.head;
    band.tail = kept.tail;
    band.qlen = kept.qlen;
  }
}
