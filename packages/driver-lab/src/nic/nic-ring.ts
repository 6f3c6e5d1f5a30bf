/**
 * A descriptor ring, as a driver and its card share one in memory.
 *
 *      head: the card's next            tail: written by the driver, a doorbell
 *        v                                v
 *   [ done | card | card | card | card | driver | driver | done ]     the card owns head .. tail - 1
 *
 * The driver fills descriptors and moves `tail` past them; the card works, sets `done`, and moves `head`. When both
 * are equal the card owns none, so a ring of n descriptors has n - 1 under way at most.
 */

/** As many as any card of today has. */
const MAX_DESCS = 16_384;

export class NicDesc {
  /** The memory: on transmit the frame, on receive the room for one. */
  buf: Uint8Array | null = null;
  at = 0;
  /** Transmit: the frame's length. Receive: the room's; the card writes the frame's over it. */
  len = 0;
  /** The card has finished with it. */
  done = false;
  /** Transmit: it was not sent. Receive: the frame did not fit the room and is lost. */
  error = false;
}

export class NicRing {
  descs: readonly NicDesc[] = [];
  /** The card's next descriptor. Read only. */
  head = 0;
  /** Descriptors that were done and unread when the ring was laid out anew. */
  abandoned = 0;
  #tail = 0;
  readonly #doorbell: () => void;

  constructor(doorbell: () => void) {
    this.#doorbell = doorbell;
  }

  /** Lays out `size` fresh descriptors and starts again at 0; 0 takes the ring away. */
  setup(size: number): void {
    if (!Number.isInteger(size) || size < 0 || size > MAX_DESCS) {
      throw new RangeError(`setup(${size}): a ring has 0 to ${MAX_DESCS} descriptors`);
    }
    this.abandoned += this.unread;
    this.descs = Array.from({ length: size }, () => new NicDesc());
    this.head = 0;
    this.#tail = 0;
  }

  get size(): number {
    return this.descs.length;
  }

  get tail(): number {
    return this.#tail;
  }

  /** The doorbell register: all descriptors before `index` are the card's now. */
  set tail(index: number) {
    if (!Number.isInteger(index) || index < 0 || index >= this.size) {
      throw new RangeError(`tail ${index}: the ring has descriptors 0 to ${this.size - 1}`);
    }
    this.#tail = index;
    this.#doorbell();
  }

  /** Descriptors that the card owns. */
  get pending(): number {
    return this.size === 0 ? 0 : (this.#tail - this.head + this.size) % this.size;
  }

  /** Descriptors that the card is done with, and that the driver has not cleared. */
  get unread(): number {
    return this.descs.reduce((sum, { done }) => sum + (done ? 1 : 0), 0);
  }

  next(index: number): number {
    return index + 1 === this.size ? 0 : index + 1;
  }

  /** The card's next descriptor; null when it owns none. */
  peek(): NicDesc | null {
    return this.head === this.#tail ? null : this.descs[this.head]!;
  }

  /** The card is done with its next descriptor. */
  complete(): void {
    const desc = this.descs[this.head]!;
    desc.done = true;
    this.head = this.next(this.head);
  }

  /** True when a descriptor that is not done refers to the memory, whoever's it is: filled, or about to be posted. */
  refers(buf: Uint8Array, from: number, to: number): boolean {
    return this.descs.some((desc) => !desc.done && desc.buf === buf && desc.at >= from && desc.at <= to);
  }

  /** True when a descriptor that the card owns refers to the memory. */
  holds(buf: Uint8Array, from: number, to: number): boolean {
    for (let i = this.head; i !== this.#tail; i = this.next(i)) {
      const desc = this.descs[i]!;
      if (desc.buf === buf && desc.at >= from && desc.at <= to) return true;
    }
    return false;
  }
}
