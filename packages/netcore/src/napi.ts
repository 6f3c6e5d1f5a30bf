/**
 * NAPI: after one interrupt the driver is polled, at most `budget` frames at a time, until it has none left.
 * cf. net/core/dev.c
 *
 * A driver's poll: take at most `budget` frames; when fewer were there, completeDone(work), unmask if that said
 * true, and return `work`. Returning exactly `budget` asks to be polled again, and leaves the instance alone before.
 * A budget of 0 is netpoll's: reclaim what was transmitted, receive nothing, do not complete.
 */

import type { NapiGro } from './napi-gro.ts';
import type { NetDevice } from './net-device.ts';
import { NetError } from './net-error.ts';
import type { Softirq } from './softirq.ts';

export const NAPI_POLL_WEIGHT = 64;

const NAPI_STATE_SCHED = 1 << 0;
const NAPI_STATE_MISSED = 1 << 1;
const NAPI_STATE_DISABLE = 1 << 2;
/** In a poll that nobody scheduled. */
const NAPI_STATE_NPSVC = 1 << 3;

export type NapiPoll = (napi: Napi, budget: number) => number;

export class Napi {
  readonly dev: NetDevice | null;
  readonly poll: NapiPoll;
  readonly weight: number;
  /** Gathers what napiGroReceive gives it; made when it is needed first. */
  gro: NapiGro | null = null;
  readonly #softirq: Softirq;
  readonly #watchdog = () => {
    this.#timer = null;
    if (this.schedulePrep()) this.#softirq.list(this);
  };
  /** Runs while the device's interrupts stay masked after a poll. cf. gro_flush_timeout */
  #timer: unknown = null;
  /** Empty polls before the driver may unmask. */
  #deferHardIrqs = 0;
  #unmask = true;
  readonly #warned = new Set<string>();
  // An instance is added disabled.
  #state = NAPI_STATE_SCHED | NAPI_STATE_DISABLE;

  constructor(softirq: Softirq, dev: NetDevice | null, poll: NapiPoll, weight: number) {
    this.#softirq = softirq;
    this.dev = dev;
    this.poll = poll;
    this.weight = weight;
  }

  get scheduled(): boolean {
    return (this.#state & (NAPI_STATE_SCHED | NAPI_STATE_DISABLE)) === NAPI_STATE_SCHED;
  }

  /** Not idempotent, as in the kernel. */
  enable(): void {
    if ((this.#state & NAPI_STATE_DISABLE) === 0)
      throw this.#misuse('EALREADY', 'napi_enable on an enabled instance');
    this.#state = 0;
  }

  /** No poll after it returns. Not idempotent: where the kernel would wait for ever, this throws. */
  disable(): void {
    if ((this.#state & NAPI_STATE_DISABLE) !== 0)
      throw this.#misuse('EDEADLK', 'napi_disable on a disabled instance');
    this.#out();
  }

  /** True when the caller now owns the instance and must call __napiSchedule; for drivers that mask in between. */
  schedulePrep(): boolean {
    if ((this.#state & NAPI_STATE_DISABLE) !== 0) return false;
    if ((this.#state & NAPI_STATE_SCHED) !== 0) {
      this.#state |= NAPI_STATE_MISSED;
      return false;
    }
    this.#state |= NAPI_STATE_SCHED;
    return true;
  }

  /** Asks for a poll; false when one is coming already or the instance is disabled. */
  schedule(): boolean {
    if (!this.schedulePrep()) return false;
    this.#softirq.list(this);
    return true;
  }

  /**
   * Ends the polling: true when the driver may unmask. False when more came in meanwhile and it will be polled again,
   * or when the device defers its interrupts (napi_defer_hard_irqs): then a timer polls it.
   */
  completeDone(work: number): boolean {
    if ((this.#state & (NAPI_STATE_DISABLE | NAPI_STATE_NPSVC)) !== 0)
      return (this.#state & NAPI_STATE_NPSVC) === 0;
    const timeout = this.dev === null ? 0 : this.#deferral(this.dev, work);
    if (timeout === 0) this.gro?.flush();
    else this.gro?.flushOld(this.dev!.net.host.now(), timeout / 1e6);
    if ((this.#state & NAPI_STATE_SCHED) === 0)
      this.warnOnce('napi_complete_done of an instance that is not scheduled');
    if ((this.#state & NAPI_STATE_MISSED) !== 0) {
      this.#state = NAPI_STATE_SCHED;
      this.#softirq.list(this);
      return false;
    }
    this.#state = 0;
    if (timeout === 0) return true;
    this.#arm(timeout);
    return this.#unmask;
  }

  /** Polls once out of turn, as netpoll does: 0 for transmit completions only. A disabled instance is left alone. */
  pollOnce(budget = 0): number {
    if ((this.#state & (NAPI_STATE_DISABLE | NAPI_STATE_NPSVC)) !== 0) return 0;
    this.#state |= NAPI_STATE_NPSVC;
    try {
      const work = this.poll(this, budget);
      if (work > budget) this.warnOnce(`${pollName(this)} exceeded budget in poll`);
      return work;
    } finally {
      this.#state &= ~NAPI_STATE_NPSVC;
    }
  }

  /** Into the log, once for each text. */
  warnOnce(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.dev?.net.printk(`${this.dev.name}: ${text}`);
  }

  /** Out of service for good. */
  del(): void {
    this.#out();
  }

  #out(): void {
    this.#softirq.unlist(this);
    if (this.#timer !== null) this.dev?.net.host.clearTimer(this.#timer);
    this.#timer = null;
    this.gro?.flush();
    this.#state = NAPI_STATE_SCHED | NAPI_STATE_DISABLE;
  }

  /** How long the next poll may be put off, in ns; 0: not at all. Says in #unmask whether interrupts come back now. */
  #deferral(dev: NetDevice, work: number): number {
    this.#unmask = true;
    let timeout = 0;
    if (work > 0) {
      if (this.gro !== null && this.gro.held > 0) timeout = dev.groFlushTimeout;
      this.#deferHardIrqs = dev.napiDeferHardIrqs;
    }
    if (this.#deferHardIrqs > 0) {
      this.#deferHardIrqs--;
      timeout = dev.groFlushTimeout;
      if (timeout > 0) this.#unmask = false;
    }
    return timeout;
  }

  #arm(timeout: number): void {
    const { host } = this.dev!.net;
    if (this.#timer !== null) host.clearTimer(this.#timer);
    this.#timer = host.setTimer(this.#watchdog, timeout / 1e6);
  }

  #misuse(code: string, what: string): NetError {
    return new NetError(code, `${this.dev?.name ?? 'backlog'}: ${what}; pair each enable with one disable`);
  }
}

/** For texts about a driver's poll function. cf. %pS */
export function pollName({ poll }: Napi): string {
  return poll.name === '' ? 'the poll function' : poll.name;
}

/** Adds a NAPI instance to a device, disabled: enable it in ndoOpen. */
export function netifNapiAdd(dev: NetDevice, poll: NapiPoll, weight = NAPI_POLL_WEIGHT): Napi {
  const napi = new Napi(dev.net.softirq, dev, poll, weight);
  dev.napis.push(napi);
  return napi;
}
