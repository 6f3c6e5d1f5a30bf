/** Puts qdiscs in front of a device that can send, and noop in front of one that cannot. cf. dev_activate, net/sched/sch_generic.c */
import { netifCarrierOk } from '../carrier-state.ts';
import { IFF_NO_QUEUE, IFF_UP } from '../if.ts';
import type { NetDevice } from '../net-device.ts';
import type { NetdevQueue } from '../netdev-queue.ts';
import { noopQdisc, noqueueQdisc } from './noop.ts';
import { PfifoFast } from './pfifo-fast.ts';
import { QDISC_HANDLE_FIRST, QDISC_HANDLE_LAST, type Qdisc } from './qdisc.ts';
import { netdevWatchdogDown, netdevWatchdogUp } from './watchdog.ts';

/** The device is up: attaches default qdiscs once, and lets frames through when there is a carrier. */
export function devActivate(dev: NetDevice): void {
  if (dev.qdisc === noopQdisc) attachDefaultQdiscs(dev);
  if (!netifCarrierOk(dev)) return; // the next carrier-on activates
  let needWatchdog = false;
  for (const txq of dev.txq) {
    txq.qdisc = txq.qdiscSleeping;
    txq.transStart = dev.net.host.now();
    if (txq.qdisc !== noqueueQdisc) needWatchdog = true;
  }
  if (needWatchdog) netdevWatchdogUp(dev);
}

/** No frame reaches the driver after this; what the qdiscs held is dropped. */
export function devDeactivate(dev: NetDevice): void {
  for (const txq of dev.txq) txq.qdisc = noopQdisc;
  netdevWatchdogDown(dev);
  for (const txq of dev.txq) txq.qdiscSleeping.reset();
}

/** Replaces the root qdisc (of every queue the same when there are several: pass a maker); null restores the default. */
export function devGraftQdisc(dev: NetDevice, make: (() => Qdisc) | null): void {
  const fresh = make === null ? null : dev.txq.map((txq) => withHandle(bindQdisc(make(), dev, txq), dev));
  devDeactivate(dev);
  for (const txq of dev.txq) txq.qdiscSleeping = fresh?.[txq.index] ?? noopQdisc;
  dev.qdisc = dev.txq[0]!.qdiscSleeping;
  if ((dev.flags & IFF_UP) !== 0) devActivate(dev);
}

/** The device goes away: back to noop, for good. */
export function devShutdown(dev: NetDevice): void {
  devDeactivate(dev);
  for (const txq of dev.txq) txq.qdiscSleeping = noopQdisc;
  dev.qdisc = noopQdisc;
}

/** cf. dev_qdisc_change_tx_queue_len */
export function devQdiscChangeTxQueueLen(dev: NetDevice, len: number): void {
  for (const txq of dev.txq) txq.qdiscSleeping.changeTxQueueLen(len);
}

function attachDefaultQdiscs(dev: NetDevice): void {
  for (const txq of dev.txq) txq.qdiscSleeping = defaultQdisc(dev, txq);
  dev.qdisc = dev.txq[0]!.qdiscSleeping;
}

function defaultQdisc(dev: NetDevice, txq: NetdevQueue): Qdisc {
  if ((dev.privFlags & IFF_NO_QUEUE) !== 0 || dev.txQueueLen === 0) return noqueueQdisc;
  return bindQdisc(new PfifoFast(), dev, txq);
}

function bindQdisc(q: Qdisc, dev: NetDevice, txq: NetdevQueue): Qdisc {
  if (!q.hasQueue) return q;
  q.txq = txq;
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
