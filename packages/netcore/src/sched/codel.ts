/**
 * CoDel: drops at the head when frames have waited too long for a while, and the more often the longer that lasts.
 * Milliseconds. cf. RFC 8289, include/net/codel_impl.h
 *
 * cb0 of an skb is when it came.
 */
import type { SkBuff } from '../skbuff.ts';
import { inetEcnSetCe } from './inet-ecn.ts';

/** After a quiet time of this many intervals it forgets how often it had to drop. */
const MEMORY_INTERVALS = 16;

export interface CodelParams {
  target: number;
  interval: number;
  /** Marks what waited longer than this; Infinity: never. */
  ceThreshold: number;
  /** Bytes: while no more than this wait, none is dropped. */
  mtu: number;
  ecn: boolean;
}

/** A queue that CoDel looks after. */
export interface CodelQueue {
  /** Bytes that wait here and in the queues beside it, of the same qdisc: as Linux has it, where RFC 8289 looks at one queue. */
  readonly waiting: number;
  take(): SkBuff | null;
  /** Frees what CoDel drops. */
  discard(skb: SkBuff): void;
}

export class CodelStats {
  maxpacket = 0;
  ecnMark = 0;
  ceMark = 0;
}

export class CodelVars {
  /** Drops since it began to drop. */
  count = 0;
  #lastCount = 0;
  #dropping = false;
  #firstAbove = 0;
  #dropNext = 0;
  #waited = 0;

  dequeue(queue: CodelQueue, params: CodelParams, stats: CodelStats, now: number): SkBuff | null {
    const skb = this.#control(queue, params, stats, now);
    if (skb !== null && this.#waited > params.ceThreshold && mark(skb)) stats.ceMark++;
    return skb;
  }

  reset(): void {
    this.count = 0;
    this.#lastCount = 0;
    this.#dropping = false;
    this.#firstAbove = 0;
    this.#dropNext = 0;
  }

  #control(queue: CodelQueue, params: CodelParams, stats: CodelStats, now: number): SkBuff | null {
    const skb = queue.take();
    if (skb === null) {
      this.#dropping = false;
      return null;
    }
    const drop = this.#tooLong(skb, queue, params, stats, now);
    if (this.#dropping) {
      if (drop) return this.#goOn(skb, queue, params, stats, now);
      this.#dropping = false;
      return skb;
    }
    return drop ? this.#begin(skb, queue, params, stats, now) : skb;
  }

  /** True when frames have waited longer than the target for a whole interval. */
  #tooLong(
    skb: SkBuff | null,
    queue: CodelQueue,
    params: CodelParams,
    stats: CodelStats,
    now: number,
  ): boolean {
    if (skb === null) {
      this.#firstAbove = 0;
      return false;
    }
    this.#waited = now - skb.cb0;
    const len = skb.tail - skb.data;
    if (len > stats.maxpacket) stats.maxpacket = len;
    if (this.#waited < params.target || queue.waiting <= params.mtu) {
      this.#firstAbove = 0;
      return false;
    }
    if (this.#firstAbove === 0) {
      this.#firstAbove = now + params.interval;
      return false;
    }
    return now > this.#firstAbove;
  }

  /** The control law: intervals between drops shrink with the root of their number. */
  #goOn(
    first: SkBuff,
    queue: CodelQueue,
    params: CodelParams,
    stats: CodelStats,
    now: number,
  ): SkBuff | null {
    let skb: SkBuff | null = first;
    while (this.#dropping && skb !== null && now >= this.#dropNext) {
      this.count++;
      if (params.ecn && mark(skb)) {
        stats.ecnMark++;
        this.#dropNext = this.#law(this.#dropNext, params);
        return skb;
      }
      queue.discard(skb);
      skb = queue.take();
      if (!this.#tooLong(skb, queue, params, stats, now)) this.#dropping = false;
      else this.#dropNext = this.#law(this.#dropNext, params);
    }
    return skb;
  }

  /** Where it has dropped not long ago it goes on from that rate. */
  #begin(
    first: SkBuff,
    queue: CodelQueue,
    params: CodelParams,
    stats: CodelStats,
    now: number,
  ): SkBuff | null {
    let skb: SkBuff | null = first;
    if (params.ecn && mark(first)) {
      stats.ecnMark++;
    } else {
      queue.discard(first);
      skb = queue.take();
      this.#tooLong(skb, queue, params, stats, now);
    }
    this.#dropping = true;
    const delta = this.count - this.#lastCount;
    const recent = delta > 1 && now - this.#dropNext < MEMORY_INTERVALS * params.interval;
    this.count = recent ? delta : 1;
    this.#lastCount = this.count;
    this.#dropNext = this.#law(now, params);
    return skb;
  }

  #law(from: number, { interval }: CodelParams): number {
    return from + interval / Math.sqrt(this.count);
  }
}

function mark(skb: SkBuff): boolean {
  return skb.cow() && inetEcnSetCe(skb.buf, skb.data, skb.tail);
}
