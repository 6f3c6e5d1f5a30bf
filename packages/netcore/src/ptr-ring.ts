/**
 * Single-producer, single-consumer ring of a power-of-two size. cf. include/linux/ptr_ring.h
 * Cursors run freely and are masked on use: head === tail is empty, tail - head === size is full.
 */
export class PtrRing<T> {
  readonly size: number;
  readonly #slots: (T | null)[]; // allocated once
  readonly #mask: number;
  #head = 0;
  #tail = 0;

  /** `size` is rounded up to a power of two. */
  constructor(size: number) {
    this.size = 2 ** Math.ceil(Math.log2(Math.max(2, size)));
    this.#mask = this.size - 1;
    this.#slots = new Array<T | null>(this.size).fill(null);
  }

  get length(): number {
    return (this.#tail - this.#head) | 0;
  }

  get full(): boolean {
    return this.length > this.#mask;
  }

  /** False when full: the caller still owns `item` and counts the drop. */
  produce(item: T): boolean {
    if (((this.#tail - this.#head) | 0) > this.#mask) return false;
    this.#slots[this.#tail & this.#mask] = item;
    this.#tail = (this.#tail + 1) | 0;
    return true;
  }

  peek(): T | null {
    return this.#head === this.#tail ? null : this.#slots[this.#head & this.#mask]!;
  }

  consume(): T | null {
    if (this.#head === this.#tail) return null;
    const i = this.#head & this.#mask;
    const item = this.#slots[i] as T;
    this.#slots[i] = null;
    this.#head = (this.#head + 1) | 0;
    return item;
  }
}
