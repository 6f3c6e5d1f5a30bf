/** Stop, wake and byte accounting of transmit queues: what a driver calls. cf. include/linux/netdevice.h */
import type { NetDevice } from './net-device.ts';
import {
  type NetdevQueue,
  QUEUE_STATE_ANY_XOFF,
  QUEUE_STATE_DRV_XOFF,
  QUEUE_STATE_STACK_XOFF,
} from './netdev-queue.ts';

/** The ring could not take another frame: none will come until the queue is woken. */
export function netifTxStopQueue(txq: NetdevQueue): void {
  // Stopped outside a transmit, the queue gets its whole time before the watchdog barks.
  if ((txq.state & QUEUE_STATE_DRV_XOFF) === 0) txq.transStart = txq.dev.net.host.now();
  txq.state |= QUEUE_STATE_DRV_XOFF;
}

/** Allows transmission without running the qdisc: for ndoOpen. */
export function netifTxStartQueue(txq: NetdevQueue): void {
  txq.state &= ~QUEUE_STATE_DRV_XOFF;
}

/** There is room again: what waits in the qdisc is sent by the next softirq. */
export function netifTxWakeQueue(txq: NetdevQueue): void {
  if ((txq.state & QUEUE_STATE_DRV_XOFF) === 0) return;
  txq.state &= ~QUEUE_STATE_DRV_XOFF;
  txq.dev.net.softirq.netifSchedule(txq.qdisc);
  if ((txq.state & QUEUE_STATE_ANY_XOFF) === 0) txq.onWake?.();
}

export function netifTxQueueStopped(txq: NetdevQueue): boolean {
  return (txq.state & QUEUE_STATE_DRV_XOFF) !== 0;
}

/** Stopped by the driver or by its byte limit. */
export function netifXmitStopped(txq: NetdevQueue): boolean {
  return (txq.state & QUEUE_STATE_ANY_XOFF) !== 0;
}

export function netifStartQueue(dev: NetDevice): void {
  netifTxStartQueue(dev.txq[0]!);
}

export function netifStopQueue(dev: NetDevice): void {
  netifTxStopQueue(dev.txq[0]!);
}

export function netifWakeQueue(dev: NetDevice): void {
  netifTxWakeQueue(dev.txq[0]!);
}

export function netifQueueStopped(dev: NetDevice): boolean {
  return netifTxQueueStopped(dev.txq[0]!);
}

/** BQL: `bytes` went into the ring; stops the queue when that is over the limit. */
export function netdevTxSentQueue(txq: NetdevQueue, bytes: number): void {
  txq.dql.queued(bytes);
  if (txq.dql.avail() >= 0) return;
  if ((txq.state & QUEUE_STATE_STACK_XOFF) === 0) txq.transStart = txq.dev.net.host.now();
  txq.state |= QUEUE_STATE_STACK_XOFF;
}

/** BQL: so much left the ring; adapts the limit and lets the qdisc go on. */
export function netdevTxCompletedQueue(txq: NetdevQueue, _pkts: number, bytes: number): void {
  if (bytes === 0) return;
  txq.dql.completed(bytes, txq.dev.net.host.now());
  if (txq.dql.avail() < 0 || (txq.state & QUEUE_STATE_STACK_XOFF) === 0) return;
  txq.state &= ~QUEUE_STATE_STACK_XOFF;
  if ((txq.state & QUEUE_STATE_ANY_XOFF) !== 0) return;
  txq.dev.net.softirq.netifSchedule(txq.qdisc);
  txq.onWake?.();
}

/** BQL: the ring was emptied without completions: for ndoStop and resets. */
export function netdevTxResetQueue(txq: NetdevQueue): void {
  txq.state &= ~QUEUE_STATE_STACK_XOFF;
  txq.dql.reset(txq.dev.net.host.now());
}
