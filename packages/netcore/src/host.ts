/** All that a pure package may know of the machine it runs on. The composition roots and the tests supply it. */
export interface Host {
  /** Milliseconds, monotonic, fractional. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  setTimer(fn: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
  /** Calls `fn` once, after the I/O callbacks of this turn of the event loop. */
  endOfTurn(fn: () => void): void;
  /** Said by drivers behind an event they have handled: a host may call what waits for the end of the turn already. */
  eventDone?(): void;
  /** Timers for what a frame waits for; where there are none, setTimer has to do. */
  readonly alarms?: Alarms;
}

/** Closer to their moment than setTimer, and never before it; `delayMs` may be a fraction, or longer than a timer may be. */
export interface Alarms {
  set(fn: () => void, delayMs: number): unknown;
  clear(alarm: unknown): void;
}
