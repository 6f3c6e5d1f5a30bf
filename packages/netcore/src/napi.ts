/**
 * NAPI: after one interrupt the driver is polled, at most `budget` frames at a time, until it has none left.
 * cf. net/core/dev.c
 *
 * A driver's poll: take at most `budget` frames; when fewer were there, completeDone(work), unmask if that said
 * true, and return `work`. Returning exactly `budget` asks to be polled again.
 */
import type { NetDevice } from './net-device.ts';
import { NetError } from './net-error.ts';
import type { Softirq } from './softirq.ts';

export const NAPI_POLL_WEIGHT = 64;

const NAPI_STATE_SCHED = 1 << 0;
const NAPI_STATE_MISSED = 1 << 1;
const NAPI_STATE_DISABLE = 1 << 2;

export type NapiPoll = (napi: Napi, budget: number) => number;

export class Napi {
  readonly dev: NetDevice | null;
  readonly poll: NapiPoll;
  readonly weight: number;
  readonly #softirq: Softirq;
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
    this.#softirq.unlist(this);
    this.#state = NAPI_STATE_SCHED | NAPI_STATE_DISABLE;
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

  /** Ends the polling: true when the driver may unmask. False when more came in meanwhile: it will be polled again. */
  completeDone(_work: number): boolean {
    if ((this.#state & NAPI_STATE_DISABLE) !== 0) return true;
    if ((this.#state & NAPI_STATE_MISSED) !== 0) {
      this.#state = NAPI_STATE_SCHED;
      this.#softirq.list(this);
      return false;
    }
    this.#state = 0;
    return true;
  }

  /** Out of service for good. */
  del(): void {
    this.#softirq.unlist(this);
    this.#state = NAPI_STATE_SCHED | NAPI_STATE_DISABLE;
  }

  #misuse(code: string, what: string): NetError {
    return new NetError(code, `${this.dev?.name ?? 'backlog'}: ${what}; pair each enable with one disable`);
  }
}

/** Adds a NAPI instance to a device, disabled: enable it in ndoOpen. */
export function netifNapiAdd(dev: NetDevice, poll: NapiPoll, weight = NAPI_POLL_WEIGHT): Napi {
  const napi = new Napi(dev.net.softirq, dev, poll, weight);
  dev.napis.push(napi);
  return napi;
}
