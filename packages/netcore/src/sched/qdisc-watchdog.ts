/** Runs a qdisc again when a frame that must not leave yet may: one timer for each. cf. qdisc_watchdog, net/sched/sch_api.c */
import type { Qdisc } from './qdisc.ts';
import { qdiscRootOf } from './qdisc-tree.ts';

/** A moment that is nearer than this has come: below a nanosecond times are the clock's rounding. Milliseconds. */
export const QDISC_TIME_EPSILON = 1e-6;

export class QdiscWatchdog {
  readonly #q: Qdisc;
  #timer: unknown = null;
  #expires = Number.POSITIVE_INFINITY;
  readonly #fire = () => this.#expired();
  readonly #run = () => this.#q.txq!.dev.net.softirq.netifSchedule(qdiscRootOf(this.#q));

  constructor(q: Qdisc) {
    this.#q = q;
  }

  /** Asked at each dequeue that finds nothing: the timer is touched only when the moment is another. */
  schedule(expires: number): void {
    if (this.#timer !== null) {
      if (this.#expires === expires) return;
      this.cancel();
    }
    const { host } = this.#q.txq!.dev.net;
    const delay = Math.max(0, expires - host.now());
    this.#expires = expires;
    this.#timer =
      host.alarms === undefined ? host.setTimer(this.#fire, delay) : host.alarms.set(this.#fire, delay);
  }

  cancel(): void {
    if (this.#timer === null) return;
    const { host } = this.#q.txq!.dev.net;
    if (host.alarms === undefined) host.clearTimer(this.#timer);
    else host.alarms.clear(this.#timer);
    this.#timer = null;
  }

  #expired(): void {
    this.#timer = null;
    this.#q.txq!.dev.net.irq(this.#run);
  }
}
