/** A machine whose clock, turns and dice belong to the test: nothing happens until it says so. */
import { type Host, mulberry32 } from '@etherloom/netcore';

interface Timer {
  readonly at: number;
  readonly no: number;
  readonly fn: () => void;
}

export class VirtualHost implements Host {
  /** Uniform in [0, 1), the same for the same seed. */
  readonly random: () => number;
  #now = 0;
  #timers: Timer[] = [];
  #timerNo = 0;
  #turn: (() => void)[] = [];

  constructor(seed = 1) {
    this.random = mulberry32(seed);
  }

  now(): number {
    return this.#now;
  }

  setTimer(fn: () => void, delayMs: number): unknown {
    const timer = { at: this.#now + Math.max(0, delayMs), no: this.#timerNo++, fn };
    this.#timers.push(timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    this.#timers = this.#timers.filter((t) => t !== timer);
  }

  endOfTurn(fn: () => void): void {
    this.#turn.push(fn);
  }

  /** Timers that wait, for tests of what is left behind. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** Runs what waited for the end of this turn; what that asks for waits for the next. True when there was any. */
  runTurn(): boolean {
    const turn = this.#turn;
    this.#turn = [];
    for (const fn of turn) fn();
    return turn.length > 0;
  }

  /** Runs turns until nothing waits for one. */
  runTurns(limit = 10_000): void {
    for (let n = 0; this.runTurn(); n++) {
      if (n >= limit) throw new Error(`still busy after ${limit} turns`);
    }
  }

  /** Moves the clock, running timers in order of time, and all turns before, between and after them. */
  advance(ms: number): void {
    const end = this.#now + ms;
    this.runTurns();
    for (let timer = this.#due(end); timer !== undefined; timer = this.#due(end)) {
      this.clearTimer(timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.fn();
      this.runTurns();
    }
    this.#now = end;
  }

  #due(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const t of this.#timers) {
      if (t.at > end) continue;
      if (first === undefined || t.at < first.at || (t.at === first.at && t.no < first.no)) first = t;
    }
    return first;
  }
}
