/** From qdisc to driver: direct transmit, bulk dequeue, requeue, and the run loop. cf. net/sched/sch_generic.c */
import { SKB_DROP_REASON_QUEUE_PURGE } from '../drop-reason.ts';
import { devHardStartXmit } from '../hard-xmit.ts';
import { type NetdevQueue, QUEUE_STATE_ANY_XOFF_OR_FROZEN } from '../netdev-queue.ts';
import { kfreeSkb } from '../skb-pool.ts';
import type { SkBuff } from '../skbuff.ts';
import { type Qdisc, TCQ_F_ONETXQUEUE } from './qdisc.ts';

/** Frames sent before a run gives way to others. cf. dev_tx_weight */
const DEV_TX_WEIGHT = 64;

/** Sends what a qdisc holds, unless it is being run already further up the stack. */
export function qdiscRun(q: Qdisc): void {
  if (q.running || q.txq === null) return;
  q.running = true;
  try {
    qdiscRunLoop(q, q.txq);
  } finally {
    q.running = false;
  }
}

/** The caller holds `q.running`. cf. __qdisc_run */
export function qdiscRunLoop(q: Qdisc, txq: NetdevQueue): void {
  let quota = DEV_TX_WEIGHT;
  const one = (q.flags & TCQ_F_ONETXQUEUE) !== 0;
  for (;;) {
    const skb = one ? dequeueSkb(q, txq) : dequeueForMany(q, txq);
    if (skb === null) return;
    const { trace } = txq.dev.net;
    if (trace !== null) trace.dequeue(skb, q, txq.dev);
    quota -= bulked;
    if (!schDirectXmit(skb, q, one ? txq : queueOf(skb, txq))) return;
    if (quota <= 0) {
      txq.dev.net.softirq.netifSchedule(q);
      return;
    }
  }
}

/** Sends a list of skbs; true when the driver took all of them, false when the rest was requeued. cf. sch_direct_xmit */
export function schDirectXmit(first: SkBuff, q: Qdisc, txq: NetdevQueue): boolean {
  if ((txq.state & QUEUE_STATE_ANY_XOFF_OR_FROZEN) !== 0) {
    devRequeueSkb(first, q, txq);
    return false;
  }
  const rest = devHardStartXmit(first, txq.dev, txq);
  if (rest === null) return true;
  devRequeueSkb(rest, q, txq);
  return false;
}

/** Frames in the list that dequeueSkb returned last. */
let bulked = 0;

/** The next skb, or a list of them as long as the byte limit lets go at once; null when there is none or the queue is off. */
function dequeueSkb(q: Qdisc, txq: NetdevQueue): SkBuff | null {
  if ((txq.state & QUEUE_STATE_ANY_XOFF_OR_FROZEN) !== 0) return null;
  bulked = 1;
  if (q.requeued.qlen > 0) return dequeueRequeued(q);
  const skb = q.dequeue();
  if (skb !== null && q.qlen > 0) bulkDequeue(skb, q, txq);
  return skb;
}

/** A qdisc before several queues: frames go one by one, each to its own, and a stopped one holds up those behind it. */
function dequeueForMany(q: Qdisc, any: NetdevQueue): SkBuff | null {
  bulked = 1;
  const refused = q.requeued.head;
  if (refused === null) return q.dequeue();
  if ((queueOf(refused, any).state & QUEUE_STATE_ANY_XOFF_OR_FROZEN) !== 0) return null;
  return dequeueRequeued(q);
}

function queueOf(skb: SkBuff, { dev }: NetdevQueue): NetdevQueue {
  return dev.txq[skb.queueMapping % dev.txq.length]!;
}

function dequeueRequeued(q: Qdisc): SkBuff {
  const skb = q.requeued.dequeue()!;
  q.qlen--;
  q.backlog -= skb.len;
  return skb;
}

/** cf. try_bulk_dequeue_skb: a driver without byte limits has a limit of zero, so gets one at a time. */
function bulkDequeue(first: SkBuff, q: Qdisc, txq: NetdevQueue): void {
  let room = txq.dql.avail() - first.len;
  let last = first;
  while (room > 0) {
    const skb = q.dequeue();
    if (skb === null) return;
    room -= skb.len;
    last.next = skb;
    last = skb;
    bulked++;
  }
}

/** Puts a list back at the very front and has the qdisc run again later; drops it when the qdisc was taken off meanwhile. */
function devRequeueSkb(first: SkBuff, q: Qdisc, txq: NetdevQueue): void {
  if (txq.qdisc !== q) {
    purgeList(first);
    return;
  }
  let last = first;
  let n = 0;
  for (let skb: SkBuff | null = first; skb !== null; skb = skb.next) {
    q.backlog += skb.len;
    last = skb;
    n++;
  }
  q.requeues += n;
  q.qlen += n;
  q.requeued.enqueueListHead(first, last, n);
  txq.dev.net.softirq.netifSchedule(q);
}

function purgeList(first: SkBuff): void {
  for (let skb: SkBuff | null = first; skb !== null; ) {
    const next: SkBuff | null = skb.next;
    skb.next = null;
    kfreeSkb(skb, SKB_DROP_REASON_QUEUE_PURGE);
    skb = next;
  }
}
