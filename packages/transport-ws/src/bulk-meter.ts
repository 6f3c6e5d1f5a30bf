/** Whether bulk is moved: judged by what has been moved, so that nothing ticks where nothing moves. */

/** Bytes, or pieces of any size, from one judgement to the next. */
const BYTES = 1 << 20;
const PIECES = 256;
/** Bytes a millisecond: 16 MB/s. */
const BULK = 16_000;

export class BulkMeter {
  /** As it was judged last. */
  bulk = false;
  readonly #now: () => number;
  #since: number;
  #bytes = 0;
  #pieces = 0;

  /** `now`: milliseconds of a clock that never goes back; it is asked at each judgement only. */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  /** A piece was moved. True when `bulk` has changed by it. */
  add(bytes: number): boolean {
    this.#bytes += bytes;
    this.#pieces++;
    return (this.#bytes >= BYTES || this.#pieces >= PIECES) && this.#judge();
  }

  #judge(): boolean {
    const now = this.#now();
    const bulk = this.#bytes >= BULK * (now - this.#since);
    this.#since = now;
    this.#bytes = 0;
    this.#pieces = 0;
    const changed = bulk !== this.bulk;
    this.bulk = bulk;
    return changed;
  }
}
