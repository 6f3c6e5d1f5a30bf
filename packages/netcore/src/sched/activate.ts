/** Puts qdiscs in front of a device that can send, and noop in front of one that cannot. cf. dev_activate, net/sched/sch_generic.c */
import { netifCarrierOk } from '../carrier-state.ts';
import { IFF_NO_QUEUE, IFF_UP } from '../if.ts';
import type { NetDevice } from '../net-device.ts';
import { Mq } from './mq.ts';
import { noopQdisc, noqueueQdisc } from './noop.ts';
import { PfifoFast } from './pfifo-fast.ts';
import { QDISC_HANDLE_FIRST, QDISC_HANDLE_LAST, type Qdisc, TCQ_F_ONETXQUEUE } from './qdisc.ts';
import { netdevWatchdogDown, netdevWatchdogUp } from './watchdog.ts';

/** The device is up: attaches default qdiscs once, and lets frames through when there is a carrier. */
export function devActivate(dev: NetDevice): void {
  if (dev.qdisc === noopQdisc) attach(dev, defaultQdisc(dev));
  if (!netifCarrierOk(dev)) return; // the next carrier-on activates
  let needWatchdog = false;
  for (const txq of dev.txq) {
    txq.qdisc = txq.qdiscSleeping;
    txq.transStart = dev.net.host.now();
    if (txq.qdisc.hasQueue) needWatchdog = true;
  }
  if (needWatchdog) netdevWatchdogUp(dev);
}

/** No frame reaches the driver after this; what the qdiscs held is dropped. */
export function devDeactivate(dev: NetDevice): void {
  for (const txq of dev.txq) txq.qdisc = noopQdisc;
  netdevWatchdogDown(dev);
  for (const txq of dev.txq) txq.qdiscSleeping.reset();
}

/** Replaces the root qdisc, of all queues; null restores the default. What the old one held is dropped. */
export function devGraftRoot(dev: NetDevice, q: Qdisc | null): void {
  devDeactivate(dev);
  attach(dev, q ?? noopQdisc);
  if ((dev.flags & IFF_UP) !== 0) devActivate(dev);
}

/** Replaces the qdisc of one queue; null leaves it without any. cf. mq_graft */
export function devGraftTxQueue(dev: NetDevice, mq: Mq, minor: number, q: Qdisc | null): void {
  devDeactivate(dev);
  mq.graft(minor, q);
  dev.txq[minor - 1]!.qdiscSleeping = mq.leaf(minor);
  if ((dev.flags & IFF_UP) !== 0) devActivate(dev);
}

/** devGraftRoot with a qdisc that takes no options. */
export function devGraftQdisc(dev: NetDevice, make: (() => Qdisc) | null): void {
  devGraftRoot(dev, make === null ? null : withHandle(bindQdisc(make(), dev), dev));
}

/** The device goes away: back to noop, for good. */
export function devShutdown(dev: NetDevice): void {
  devDeactivate(dev);
  attach(dev, noopQdisc);
}

/** cf. dev_qdisc_change_tx_queue_len */
export function devQdiscChangeTxQueueLen(dev: NetDevice, len: number): void {
  for (const txq of dev.txq) txq.qdiscSleeping.changeTxQueueLen(len);
}

function attach(dev: NetDevice, root: Qdisc): void {
  dev.qdisc = root;
  for (const txq of dev.txq) txq.qdiscSleeping = root instanceof Mq ? root.leaf(txq.index + 1) : root;
  if (root.hasQueue && dev.txq.length === 1) root.flags |= TCQ_F_ONETXQUEUE;
}

function defaultQdisc(dev: NetDevice): Qdisc {
  if ((dev.privFlags & IFF_NO_QUEUE) !== 0 || dev.txQueueLen === 0) return noqueueQdisc;
  return bindQdisc(dev.txq.length > 1 ? new Mq() : new PfifoFast(), dev);
}

function bindQdisc(q: Qdisc, dev: NetDevice): Qdisc {
  if (q.hasQueue) q.txq = dev.txq[0]!;
  q.init(dev);
  return q;
}

/** Default qdiscs have handle 0:, configured ones count from 8001: to ffff: and round again. */
function withHandle(q: Qdisc, dev: NetDevice): Qdisc {
  const { net } = dev;
  if (!q.hasQueue || q.handle !== 0) return q;
  q.handle = net.nextQdiscHandle;
  net.nextQdiscHandle = q.handle === QDISC_HANDLE_LAST ? QDISC_HANDLE_FIRST : q.handle + 1;
  return q;
}
