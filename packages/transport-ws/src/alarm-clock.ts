/**
 * Timers for what a frame waits for: as close to their moment as the machine can, and never before it. The first one
 * starts a thread that sleeps for all of them (sleeper.ts); until it runs, and should it die, the event loop's own timers do.
 */
import { Sleeper } from './sleeper.ts';
import { eventDone } from './turn.ts';

/** A timer for longer than this fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Alarm {
  readonly at: number;
  readonly fn: () => void;
}

/** The part of a sleeper that is used. */
export interface Sleeping {
  readonly ready: boolean;
  until(at: number): void;
}

export class AlarmClock {
  readonly #alarms = new Set<Alarm>();
  readonly #start: (wake: () => void, changed: () => void) => Sleeping;
  #sleeper: Sleeping | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** What the sleeper or the timer is set to. */
  #armed = Number.POSITIVE_INFINITY;
  readonly #wake = () => this.#ring();

  constructor(start: (wake: () => void, changed: () => void) => Sleeping = (...how) => new Sleeper(...how)) {
    this.#start = start;
  }

  /** Calls `fn` once, when `delayMs` are over; the handle is for clear(). Keeps no process alive. */
  set(fn: () => void, delayMs: number): unknown {
    this.#sleeper ??= this.#start(this.#wake, () => this.#arm());
    const alarm: Alarm = { at: performance.now() + delayMs, fn };
    this.#alarms.add(alarm);
    if (alarm.at < this.#armed) this.#arm();
    return alarm;
  }

  /** Why nothing else: to wake once in vain costs less than to set the sleeper again. */
  clear(alarm: unknown): void {
    this.#alarms.delete(alarm as Alarm);
  }

  #arm(): void {
    let first = Number.POSITIVE_INFINITY;
    for (const { at } of this.#alarms) if (at < first) first = at;
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
      for (const alarm of this.#alarms) {
        if (alarm.at > now) continue;
        this.#alarms.delete(alarm);
        alarm.fn();
      }
    } finally {
      this.#arm();
      eventDone();
    }
  }
}

/** One for the process. */
export const alarms = new AlarmClock();
