/** The way down: the one entry for frames to be sent. cf. __dev_queue_xmit, net/core/dev.c */
import { SKB_DROP_REASON_DEV_READY, SKB_DROP_REASON_RECURSION_LIMIT } from './drop-reason.ts';
import { devHardStartXmit, lastXmitRc } from './hard-xmit.ts';
import { IFF_UP } from './if.ts';
import type { NetDevice } from './net-device.ts';
import { type NetdevQueue, QUEUE_STATE_ANY_XOFF } from './netdev-queue.ts';
import { netdevCorePickTx } from './pick-tx.ts';
import { noopQdisc } from './sched/noop.ts';
import { type Qdisc, TCQ_F_CAN_BYPASS } from './sched/qdisc.ts';
import { qdiscRun, qdiscRunLoop, schDirectXmit } from './sched/sch-generic.ts';
import { kfreeSkb } from './skb-pool.ts';
import { type SkBuff, skbSegs, skbWireLen } from './skbuff.ts';
import { ENETDOWN, NET_XMIT_MASK, NET_XMIT_SUCCESS } from './xmit.ts';

const XMIT_RECURSION_LIMIT = 8;

/** Sends skb.dev's frame, from its Ethernet header on. NET_XMIT_*, or -ENETDOWN; the skb is consumed whatever it says. */
export function devQueueXmit(skb: SkBuff): number {
  const dev = skb.dev!;
  if (dev.net.trace !== null) dev.net.trace.skb('__dev_queue_xmit', skb, dev);
  const txq = dev.txq.length === 1 ? dev.txq[0]! : netdevCorePickTx(skb, dev);
  const q = txq.qdisc;
  if (q.hasQueue) return devXmitSkb(skb, q, txq);
  if (q === noopQdisc) return q.enqueue(skb);
  return devXmitNoqueue(skb, dev, txq);
}

function devXmitSkb(skb: SkBuff, q: Qdisc, txq: NetdevQueue): number {
  // Past a stopped queue the kernel bypasses too, and requeues; that frame would leave before its betters.
  if ((q.flags & TCQ_F_CAN_BYPASS) !== 0 && q.qlen === 0 && !q.running && txq.state === 0) {
    const { trace } = txq.dev.net;
    if (trace !== null) trace.skb('sch_direct_xmit', skb, txq.dev, `${q.kind} is empty and bypassed`);
    q.packets += skbSegs(skb);
    q.bytes += skbWireLen(skb);
    q.running = true;
    try {
      if (schDirectXmit(skb, q, txq) && q.qlen > 0) qdiscRunLoop(q, txq);
    } finally {
      q.running = false;
    }
    return NET_XMIT_SUCCESS;
  }
  const { trace } = txq.dev.net;
  if (trace !== null) trace.enqueue(skb, q, txq.dev);
  const rc = q.enqueue(skb);
  qdiscRun(q);
  return rc & NET_XMIT_MASK;
}

function devXmitNoqueue(skb: SkBuff, dev: NetDevice, txq: NetdevQueue): number {
  const net = dev.net;
  if ((dev.flags & IFF_UP) === 0) return dropDown(skb, dev, SKB_DROP_REASON_DEV_READY);
  if (net.xmitRecursion > XMIT_RECURSION_LIMIT) {
    net.printk(`Dead loop on virtual device ${dev.name}, fix it urgently!`);
    return dropDown(skb, dev, SKB_DROP_REASON_RECURSION_LIMIT);
  }
  let rest: SkBuff | null = skb;
  if ((txq.state & QUEUE_STATE_ANY_XOFF) === 0) {
    net.xmitRecursion++;
    try {
      rest = devHardStartXmit(skb, dev, txq);
    } finally {
      net.xmitRecursion--;
    }
  }
  if (rest === null) return lastXmitRc;
  net.printk(`Virtual device ${dev.name} asks to queue packet!`);
  return dropDown(rest, dev, SKB_DROP_REASON_DEV_READY);
}

/** Drops a list: what is left of a super-frame is several. */
function dropDown(list: SkBuff, dev: NetDevice, reason: number): number {
  for (let skb: SkBuff | null = list; skb !== null; ) {
    const next: SkBuff | null = skb.next;
    skb.next = null;
    dev.stats.txDropped += skbSegs(skb);
    kfreeSkb(skb, reason);
    skb = next;
  }
  return -ENETDOWN;
}
