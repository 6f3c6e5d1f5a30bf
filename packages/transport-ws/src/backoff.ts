/** How long to wait before the next attempt: full jitter under a ceiling that doubles, reset by a connection that lasts. */

const FIRST_CEILING = 100;
const MAX_CEILING = 5000;
const STABLE_AFTER = 30_000;

export class Backoff {
  readonly #random: () => number;
  #ceiling = FIRST_CEILING;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The next delay in ms: the first within 100, none beyond 5000. */
  next(): number {
    const delay = this.#random() * this.#ceiling;
    this.#ceiling = Math.min(this.#ceiling * 2, MAX_CEILING);
    return delay;
  }

  /** A connection ended that had lasted this long. */
  lasted(ms: number): void {
    if (ms >= STABLE_AFTER) this.#ceiling = FIRST_CEILING;
  }

  /** The far end asked not to be dialled soon. */
  slowDown(): void {
    this.#ceiling = MAX_CEILING;
  }
}
