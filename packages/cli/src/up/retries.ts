/** Tries something again: after 250 ms at first, then twice as long each time up to 5 s. */

const FIRST_MS = 250;
const MAX_MS = 5_000;
/** What has lasted this long begins anew. */
const STABLE_MS = 30_000;

export class Retries {
  readonly #again: () => void;
  #count = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(again: () => void) {
    this.#again = again;
  }

  /** `lasted`: how long it went well before it failed. Returns the delay in milliseconds. */
  later(lasted = 0): number {
    if (lasted > STABLE_MS) this.#count = 0;
    const delay = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(this.#count++, 16));
    this.cancel();
    this.#timer = setTimeout(this.#again, delay);
    return delay;
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
