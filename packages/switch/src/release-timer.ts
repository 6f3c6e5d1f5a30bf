/**
 * One alarm for everything that is delayed. It rings when the first frame is due and lets go of all that is; then not again
 * for a moment, so that a stream of frames costs wakes by the thousand a second and not by the frame: that moment is
 * the most that a frame is late by design, and is longer the more frames leave with each ring.
 */
import type { Alarms, Host } from '@etherloom/netcore';

/** A timer for longer than this fires at once. One that fires too early is set again. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Milliseconds between two rings, by the frames that leave in a millisecond: batches are what makes frames cheap. */
const GAP = 0.2;
const BUSY_GAP = 0.5;
const FULL_GAP = 1;
const BUSY = 3;
const FULL = 50;

export interface Delayed {
  readonly due: number;
  /** Lets go of what is due; how many frames that were. */
  release(now: number): number;
}

export class ReleaseTimer {
  readonly #host: Host;
  readonly #alarms: Alarms;
  readonly #active = new Set<Delayed>();
  #alarm: unknown = null;
  /** When the alarm rings. */
  #armedFor = Number.POSITIVE_INFINITY;
  /** Before this it does not ring again. */
  #notBefore = 0;
  #rangAt = 0;
  /** Frames let go since it rang last, by it or by others that came along. */
  #frames = 0;
  readonly #ring = () => this.#onRing();

  constructor(host: Host) {
    this.#host = host;
    this.#alarms = host.alarms ?? timersOf(host);
  }

  /** Frames that were due when others came went without a ring. */
  went(frames: number): void {
    this.#frames += frames;
  }

  arm(who: Delayed, due: number, now: number): void {
    this.#active.add(who);
    if (due < this.#armedFor) this.#set(due, now);
  }

  stop(): void {
    this.#disarm();
    this.#active.clear();
  }

  #set(due: number, now: number): void {
    const at = Math.max(due, this.#notBefore);
    if (at >= this.#armedFor) return;
    this.#disarm();
    this.#armedFor = at;
    this.#alarm = this.#alarms.set(this.#ring, at - now);
  }

  #disarm(): void {
    if (this.#alarm !== null) this.#alarms.clear(this.#alarm);
    this.#alarm = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #onRing(): void {
    const now = this.#host.now();
    this.#alarm = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    for (const who of this.#active) {
      if (who.due <= now) this.#frames += who.release(now);
      if (who.due === Number.POSITIVE_INFINITY) this.#active.delete(who);
      else if (who.due < next) next = who.due;
    }
    this.#notBefore = now + gapAfter(this.#frames, now - this.#rangAt);
    this.#rangAt = now;
    this.#frames = 0;
    if (next < Number.POSITIVE_INFINITY) this.#set(next, now);
  }
}

function gapAfter(frames: number, ms: number): number {
  const rate = frames / Math.max(ms, GAP);
  if (rate <= BUSY) return GAP;
  return rate <= FULL ? BUSY_GAP : FULL_GAP;
}

function timersOf(host: Host): Alarms {
  return {
    set: (fn, delayMs) => host.setTimer(fn, Math.min(MAX_TIMER_MS, delayMs)),
    clear: (timer) => host.clearTimer(timer),
  };
}
