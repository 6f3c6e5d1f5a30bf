/**
 * Regular ticks for many: one timer that comes around in steps, each of which ticks its share of them. A
 * timer for each would wake an idle process a thousand times where ten will do, and all in one step would hold frames up.
 */

export class TickWheel {
  readonly #slots: Set<() => void>[];
  readonly #stepMs: number;
  #at = 0;
  #next = 0;
  #size = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(periodMs: number, steps: number) {
    this.#stepMs = periodMs / steps;
    this.#slots = Array.from({ length: steps }, () => new Set());
  }

  /** Calls `fn` once a period from now on, the first time within one; returns what ends it. */
  join(fn: () => void): () => void {
    const slot = this.#slots[this.#next++ % this.#slots.length]!;
    slot.add(fn);
    if (this.#size++ === 0) this.#timer = setInterval(() => this.#step(), this.#stepMs);
    return () => {
      if (!slot.delete(fn) || --this.#size > 0) return;
      clearInterval(this.#timer!);
      this.#timer = null;
    };
  }

  #step(): void {
    this.#at = (this.#at + 1) % this.#slots.length;
    for (const fn of this.#slots[this.#at]!) fn();
  }
}
