/**
 * Tracepoints: what pwru shows of a kernel. `net.trace` is null until somebody traces; a place costs that comparison and
 * nothing else. All methods borrow the skb; none changes what happens to it.
 */
import type { Net } from './net.ts';
import type { NetDevice } from './net-device.ts';
import type { Qdisc } from './sched/qdisc.ts';
import type { SkBuff } from './skbuff.ts';

export interface Tracer {
  /** An skb is at `place`, a function by its kernel name. */
  skb(place: string, skb: SkBuff, dev: NetDevice | null, verdict?: string): void;
  /** About to be queued; a drop shows itself. */
  enqueue(skb: SkBuff, q: Qdisc, dev: NetDevice): void;
  /** A list that left a queue. */
  dequeue(first: SkBuff, q: Qdisc, dev: NetDevice): void;
  /** Calls the driver, and notes what it says. */
  startXmit(skb: SkBuff, dev: NetDevice): number;
  /** consumeSkb or kfreeSkb, by the last holder. */
  freed(skb: SkBuff, reason: number): void;
  /** A frame that was lost before it was an skb, or after. */
  lost(place: string, dev: NetDevice, reason: number, buf: Uint8Array, at: number, len: number): void;
}

/** Sets, or with null takes away, who follows the frames of a namespace. */
export function netSetTracer(net: Net, tracer: Tracer | null): void {
  net.trace = tracer;
  net.pool.trace = tracer;
}
