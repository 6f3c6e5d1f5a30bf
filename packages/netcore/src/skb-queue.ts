/** A first-in first-out list of skbs through their `next`: no memory of its own. cf. struct qdisc_skb_head */
import type { SkbDropReason } from './drop-reason.ts';
import { kfreeSkb } from './skb-pool.ts';
import type { SkBuff } from './skbuff.ts';

export class SkbQueue {
  head: SkBuff | null = null;
  tail: SkBuff | null = null;
  qlen = 0;

  enqueueTail(skb: SkBuff): void {
    if (this.tail === null) this.head = skb;
    else this.tail.next = skb;
    this.tail = skb;
    this.qlen++;
  }

  /** Puts a list of `n` linked skbs before all others. */
  enqueueListHead(first: SkBuff, last: SkBuff, n: number): void {
    last.next = this.head;
    this.head = first;
    if (this.tail === null) this.tail = last;
    this.qlen += n;
  }

  dequeue(): SkBuff | null {
    const skb = this.head;
    if (skb === null) return null;
    this.head = skb.next;
    if (this.head === null) this.tail = null;
    skb.next = null;
    this.qlen--;
    return skb;
  }

  /** Drops all; returns the bytes that went. */
  purge(reason: SkbDropReason): number {
    let bytes = 0;
    for (let skb = this.dequeue(); skb !== null; skb = this.dequeue()) {
      bytes += skb.len;
      kfreeSkb(skb, reason);
    }
    return bytes;
  }
}
