/** The last step before the driver. cf. dev_hard_start_xmit, net/core/dev.c */
import type { NetDevice } from './net-device.ts';
import { type NetdevQueue, QUEUE_STATE_DRV_XOFF } from './netdev-queue.ts';
import { CHECKSUM_PARTIAL, type SkBuff } from './skbuff.ts';
import { validateXmitSkb } from './validate-xmit.ts';
import { devXmitComplete, NET_XMIT_DROP } from './xmit.ts';

/** What the driver answered to the last frame it was shown. */
export let lastXmitRc = 0;

/** Sends a list one by one; returns the part the driver did not take, or null when it took all. */
export function devHardStartXmit(first: SkBuff, dev: NetDevice, txq: NetdevQueue): SkBuff | null {
  if (first.next !== null || first.ipSummed === CHECKSUM_PARTIAL) return xmitList(first, dev, txq);
  const rc = xmitOne(first, dev, txq, false);
  lastXmitRc = rc;
  return devXmitComplete(rc) ? null : first;
}

function xmitList(first: SkBuff, dev: NetDevice, txq: NetdevQueue): SkBuff | null {
  let skb = finished(first, dev);
  while (skb !== null) {
    // Before this one goes: it may announce the next only if there is one.
    const next: SkBuff | null = skb.next === null ? null : finished(skb.next, dev);
    skb.next = null;
    const rc = xmitOne(skb, dev, txq, next !== null);
    lastXmitRc = rc;
    if (!devXmitComplete(rc)) {
      skb.next = next;
      return skb;
    }
    skb = next;
    if ((txq.state & QUEUE_STATE_DRV_XOFF) !== 0 && skb !== null) return skb;
  }
  return null;
}

/** The list with its first frame as the device can send it: without those that had to be dropped, or null. */
function finished(list: SkBuff, dev: NetDevice): SkBuff | null {
  let skb: SkBuff | null = list;
  while (skb !== null && skb.ipSummed === CHECKSUM_PARTIAL) {
    const rest: SkBuff | null = skb.next;
    skb.next = null;
    const valid = validateXmitSkb(skb, dev);
    if (valid !== null) return rest === null ? valid : chain(valid, rest);
    lastXmitRc = NET_XMIT_DROP;
    skb = rest;
  }
  return skb;
}

/** Puts `rest` behind the list. */
function chain(first: SkBuff, rest: SkBuff): SkBuff {
  let last = first;
  while (last.next !== null) last = last.next;
  last.next = rest;
  return first;
}

function xmitOne(skb: SkBuff, dev: NetDevice, txq: NetdevQueue, more: boolean): number {
  const net = dev.net;
  if (net.ptypes.tapped) net.ptypes.tapOutgoing(skb, dev);
  net.xmitMore = more;
  const rc = net.trace === null ? dev.netdevOps.ndoStartXmit(skb, dev) : net.trace.startXmit(skb, dev);
  // The watchdog asks only about stopped queues, so the clock is read only for them.
  if (txq.state !== 0 && devXmitComplete(rc)) txq.transStart = net.host.now();
  return rc;
}

/** For ndoStartXmit: another frame follows at once, so the doorbell can wait for it. */
export function netdevXmitMore(dev: NetDevice): boolean {
  return dev.net.xmitMore;
}
