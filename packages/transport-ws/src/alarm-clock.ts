/**
 * Timers for what a frame waits for: as close to their moment as the machine can, and never before it. The first one
 * starts a thread that sleeps for all of them (sleeper.ts); until it runs, and should it die, the event loop's own timers do.
 */
import { Sleeper } from './sleeper.ts';
import { eventDone } from './turn.ts';

/** A timer for longer than this fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

class Alarm {
  at = 0;
  fn: () => void = nothing;
  /** In the list of those that are set; -1: it is not. */
  place = -1;
}

function nothing(): void {}

/** The part of a sleeper that is used. */
export interface Sleeping {
  readonly ready: boolean;
  until(at: number): void;
}

export class AlarmClock {
  readonly #alarms: Alarm[] = [];
  /** Those that have rung or were cleared, for the next ones. */
  readonly #free: Alarm[] = [];
  readonly #start: (wake: () => void, changed: () => void) => Sleeping;
  #sleeper: Sleeping | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** What the sleeper or the timer is set to. */
  #armed = Number.POSITIVE_INFINITY;
  readonly #wake = () => this.#ring();

  constructor(start: (wake: () => void, changed: () => void) => Sleeping = (...how) => new Sleeper(...how)) {
    this.#start = start;
  }

  /**
   * Calls `fn` once, when `delayMs` are over; the handle is for clear(), until it has rung or was cleared. Keeps no process
   * alive, and makes no objects: frames wait for it.
   */
  set(fn: () => void, delayMs: number): unknown {
    this.#sleeper ??= this.#start(this.#wake, () => this.#arm());
    const alarm = this.#free.pop() ?? new Alarm();
    alarm.at = performance.now() + delayMs;
    alarm.fn = fn;
    alarm.place = this.#alarms.push(alarm) - 1;
    if (alarm.at < this.#armed) this.#arm();
    return alarm;
  }

  /** Why nothing else: to wake once in vain costs less than to set the sleeper again. */
  clear(alarm: unknown): void {
    this.#remove(alarm as Alarm);
  }

  /** The last one takes its place. */
  #remove(alarm: Alarm): void {
    const { place } = alarm;
    if (place < 0) return;
    const last = this.#alarms.pop()!;
    if (last !== alarm) {
      this.#alarms[place] = last;
      last.place = place;
    }
    alarm.place = -1;
    alarm.fn = nothing;
    this.#free.push(alarm);
  }

  /** The one that is due first. */
  #first(): Alarm | null {
    let first: Alarm | null = null;
    for (let i = 0; i < this.#alarms.length; i++) {
      const alarm = this.#alarms[i]!;
      if (first === null || alarm.at < first.at) first = alarm;
    }
    return first;
  }

  #arm(): void {
    const first = this.#first()?.at ?? Number.POSITIVE_INFINITY;
    this.#armed = first;
    clearTimeout(this.#timer);
    if (first === Number.POSITIVE_INFINITY) return;
    if (this.#sleeper!.ready) this.#sleeper!.until(first);
    else {
      const ms = Math.ceil(first - performance.now());
      this.#timer = setTimeout(this.#wake, Math.min(MAX_TIMER_MS, Math.max(1, ms))).unref();
    }
  }

  #ring(): void {
    this.#armed = Number.POSITIVE_INFINITY;
    const now = performance.now();
    try {
      // Who is called may set and clear others, so the next one is looked for each time.
      for (let alarm = this.#first(); alarm !== null && alarm.at <= now; alarm = this.#first()) {
        const { fn } = alarm;
        this.#remove(alarm);
        fn();
      }
    } finally {
      this.#arm();
      eventDone();
    }
  }
}

/** One for the process. */
export const alarms = new AlarmClock();
