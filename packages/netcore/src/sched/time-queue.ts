/**
 * Slots in the order of their time, first come first served among equals: a binary heap in typed arrays.
 * It names slots 0 to limit - 1; what a slot holds is kept beside it by the caller. O(log n) to push and pop, and
 * O(1) to push what is due last, as it is where nothing reorders. Allocates only when it has to grow.
 */
const FIRST_SIZE = 64;

export class TimeQueue {
  #time = new Float64Array(FIRST_SIZE);
  #seq = new Float64Array(FIRST_SIZE);
  #slot = new Int32Array(FIRST_SIZE);
  #free = Int32Array.from({ length: FIRST_SIZE }, (_, i) => i);
  #size = FIRST_SIZE;
  #nextSeq = 0;
  length = 0;

  /** The slot to fill. The caller keeps `length` within its limit. */
  push(time: number): number {
    if (this.length === this.#size) this.#grow();
    const slot = this.#free[this.length]!;
    this.#siftUp(this.length++, time, this.#nextSeq++, slot);
    return slot;
  }

  /** When the first is due; Infinity when there is none. */
  peek(): number {
    return this.length === 0 ? Number.POSITIVE_INFINITY : this.#time[0]!;
  }

  /** The first slot, free again as soon as the next is pushed; -1 when there is none. */
  pop(): number {
    if (this.length === 0) return -1;
    const slot = this.#slot[0]!;
    const last = --this.length;
    this.#free[last] = slot;
    if (last > 0) this.#siftDown(this.#time[last]!, this.#seq[last]!, this.#slot[last]!);
    return slot;
  }

  #siftUp(hole: number, time: number, seq: number, slot: number): void {
    let at = hole;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // A later seq never passes an equal time, so times alone decide here.
      if (this.#time[parent]! <= time) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#place(at, time, seq, slot);
  }

  #siftDown(time: number, seq: number, slot: number): void {
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.length) break;
      if (child + 1 < this.length && this.#before(child + 1, child)) child++;
      const t = this.#time[child]!;
      if (time < t || (time === t && seq < this.#seq[child]!)) break;
      this.#move(child, at);
      at = child;
    }
    this.#place(at, time, seq, slot);
  }

  #before(a: number, b: number): boolean {
    const ta = this.#time[a]!;
    const tb = this.#time[b]!;
    return ta < tb || (ta === tb && this.#seq[a]! < this.#seq[b]!);
  }

  #move(from: number, to: number): void {
    this.#time[to] = this.#time[from]!;
    this.#seq[to] = this.#seq[from]!;
    this.#slot[to] = this.#slot[from]!;
  }

  #place(at: number, time: number, seq: number, slot: number): void {
    this.#time[at] = time;
    this.#seq[at] = seq;
    this.#slot[at] = slot;
  }

  #grow(): void {
    const size = this.#size * 2;
    const time = new Float64Array(size);
    time.set(this.#time);
    const seq = new Float64Array(size);
    seq.set(this.#seq);
    const slot = new Int32Array(size);
    slot.set(this.#slot);
    const free = Int32Array.from({ length: size }, (_, i) => i);
    free.set(this.#free);
    this.#time = time;
    this.#seq = seq;
    this.#slot = slot;
    this.#free = free;
    this.#size = size;
  }
}
