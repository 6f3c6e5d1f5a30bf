/** A transmit queue of a device: its qdisc, who stopped it, and its byte limit. cf. struct netdev_queue */
import { Dql } from './dql.ts';
import type { NetDevice } from './net-device.ts';
import { noopQdisc } from './sched/noop.ts';
import type { Qdisc } from './sched/qdisc.ts';

export const QUEUE_STATE_DRV_XOFF = 1 << 0;
export const QUEUE_STATE_STACK_XOFF = 1 << 1;
export const QUEUE_STATE_FROZEN = 1 << 2;
export const QUEUE_STATE_ANY_XOFF = QUEUE_STATE_DRV_XOFF | QUEUE_STATE_STACK_XOFF;
export const QUEUE_STATE_ANY_XOFF_OR_FROZEN = QUEUE_STATE_ANY_XOFF | QUEUE_STATE_FROZEN;

export class NetdevQueue {
  readonly dev: NetDevice;
  readonly index: number;
  /** What frames are given to now: the sleeping qdisc while the device is up with carrier, else noop. */
  qdisc: Qdisc = noopQdisc;
  /** The configured qdisc; keeps its place while the carrier is off. */
  qdiscSleeping: Qdisc = noopQdisc;
  state = 0;
  /** Hears that the queue, stopped before, takes frames again: for whoever holds back what is sent here meanwhile. */
  onWake: (() => void) | null = null;
  readonly dql = new Dql();
  /** When the queue last took a frame, as far as the watchdog cares: the clock is read only when it stops. */
  transStart = 0;
  transTimeout = 0;

  constructor(dev: NetDevice, index: number) {
    this.dev = dev;
    this.index = index;
  }
}
