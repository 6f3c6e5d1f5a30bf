/** Joins the pieces of messages that must be whole: texts, and the frames of raw mode. */

const FIRST = 512;

export class MessageCollector {
  readonly #max: number;
  #buf = new Uint8Array(0);
  length = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get bytes(): Uint8Array {
    return this.#buf.subarray(0, this.length);
  }

  /** False when the message gets too long. */
  add(buf: Uint8Array, at: number, n: number): boolean {
    const length = this.length + n;
    if (length > this.#max) return false;
    if (length > this.#buf.length) this.#grow(length);
    this.#buf.set(buf.subarray(at, at + n), this.length);
    this.length = length;
    return true;
  }

  /** Lets the message go, and its memory. */
  clear(): void {
    this.#buf = new Uint8Array(0);
    this.length = 0;
  }

  #grow(least: number): void {
    const grown = new Uint8Array(Math.min(this.#max, Math.max(FIRST, least, this.#buf.length * 2)));
    grown.set(this.bytes);
    this.#buf = grown;
  }
}
