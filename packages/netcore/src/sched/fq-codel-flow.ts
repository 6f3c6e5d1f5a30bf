/** A flow of fq_codel: its frames, its share, its CoDel; and a list of flows through themselves. cf. struct fq_codel_flow */
import { SKB_DROP_REASON_QDISC_DROP, SKB_DROP_REASON_QUEUE_PURGE } from '../drop-reason.ts';
import { kfreeSkb } from '../skb-pool.ts';
import { SkbQueue } from '../skb-queue.ts';
import type { SkBuff } from '../skbuff.ts';
import { type CodelQueue, CodelVars } from './codel.ts';

/** What flows tell the qdisc they belong to. */
export interface FlowOwner {
  /** Bytes in all flows. */
  readonly backlog: number;
  flowTook(len: number, memory: number): void;
  flowDropped(len: number): void;
}

export class FqCodelFlow implements CodelQueue {
  readonly #owner: FlowOwner;
  readonly #queue = new SkbQueue();
  readonly codel = new CodelVars();
  backlog = 0;
  /** Bytes it may still send in this round. */
  deficit = 0;
  /** On one of the two lists. */
  listed = false;
  next: FqCodelFlow | null = null;

  constructor(owner: FlowOwner) {
    this.#owner = owner;
  }

  get waiting(): number {
    return this.#owner.backlog;
  }

  add(skb: SkBuff): void {
    this.#queue.enqueueTail(skb);
    this.backlog += skb.tail - skb.data;
  }

  take(): SkBuff | null {
    const skb = this.#queue.dequeue();
    if (skb === null) return null;
    const len = skb.tail - skb.data;
    this.backlog -= len;
    this.#owner.flowTook(len, skb.cb1);
    return skb;
  }

  discard(skb: SkBuff): void {
    this.#owner.flowDropped(skb.tail - skb.data);
    kfreeSkb(skb, SKB_DROP_REASON_QDISC_DROP);
  }

  reset(): void {
    this.#queue.purge(SKB_DROP_REASON_QUEUE_PURGE);
    this.codel.reset();
    this.backlog = 0;
    this.listed = false;
    this.next = null;
  }
}

export class FlowList {
  first: FqCodelFlow | null = null;
  #last: FqCodelFlow | null = null;
  length = 0;

  push(flow: FqCodelFlow): void {
    flow.next = null;
    if (this.#last === null) this.first = flow;
    else this.#last.next = flow;
    this.#last = flow;
    this.length++;
  }

  shift(): FqCodelFlow | null {
    const flow = this.first;
    if (flow === null) return null;
    this.first = flow.next;
    if (this.first === null) this.#last = null;
    flow.next = null;
    this.length--;
    return flow;
  }

  clear(): void {
    this.first = null;
    this.#last = null;
    this.length = 0;
  }
}
