/**
 * One timer for everything that is delayed. It is set to the whole millisecond before the first frame is due, because
 * timers are late by up to one (and none is shorter than one), and lets go of all that is due when it fires. How late that was is measured.
 */
import type { Host } from '@etherloom/netcore';

/** A timer for longer than this fires at once. One that fires too early is set again. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface Delayed {
  readonly due: number;
  release(now: number): void;
}

export class ReleaseTimer {
  /** Milliseconds between when the first frame was due and when it went, over all firings that let something go. */
  firings = 0;
  lateTotal = 0;
  lateMax = 0;
  readonly #host: Host;
  readonly #active = new Set<Delayed>();
  #timer: unknown = null;
  #armedFor = Number.POSITIVE_INFINITY;
  readonly #fire = () => this.#onFire();

  constructor(host: Host) {
    this.#host = host;
  }

  arm(who: Delayed, due: number, now: number): void {
    this.#active.add(who);
    if (due < this.#armedFor) this.#set(due, now);
  }

  stop(): void {
    if (this.#timer !== null) this.#host.clearTimer(this.#timer);
    this.#timer = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#active.clear();
  }

  #set(due: number, now: number): void {
    if (this.#timer !== null) this.#host.clearTimer(this.#timer);
    this.#armedFor = due;
    const delay = Math.min(MAX_TIMER_MS, Math.max(1, Math.floor(due - now)));
    this.#timer = this.#host.setTimer(this.#fire, delay);
  }

  #onFire(): void {
    const now = this.#host.now();
    this.#timer = null;
    this.#measure(now - this.#armedFor);
    this.#armedFor = Number.POSITIVE_INFINITY;
    for (const who of this.#active) {
      who.release(now);
      if (who.due === Number.POSITIVE_INFINITY) this.#active.delete(who);
      else if (who.due < this.#armedFor) this.#armedFor = who.due;
    }
    if (this.#armedFor < Number.POSITIVE_INFINITY) this.#set(this.#armedFor, now);
  }

  #measure(late: number): void {
    if (late < 0) return;
    this.firings++;
    this.lateTotal += late;
    this.lateMax = Math.max(this.lateMax, late);
  }
}
