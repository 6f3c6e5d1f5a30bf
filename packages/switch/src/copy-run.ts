/**
 * Copies short runs of records into one buffer. Four bytes at a time through a DataView, which is kept while runs come
 * from the same message: a view a run, as Uint8Array.set needs, costs more than the bytes of a small frame.
 * Measured, 68 bytes, Node 20 on a busy machine: byte by byte 129 ns, subarray and set 179 ns, this 52 ns; from some
 * 200 bytes on, set is the fastest.
 */
const SET_MIN = 192;
const NOTHING: DataView = new DataView(new ArrayBuffer(0));

export class RunCopier {
  #dst: Uint8Array = new Uint8Array(0);
  #dstView = NOTHING;
  #src: Uint8Array | null = null;
  #srcView = NOTHING;

  /** Where copies go from now on. */
  target(dst: Uint8Array): void {
    this.#dst = dst;
    this.#dstView = new DataView(dst.buffer, dst.byteOffset, dst.byteLength);
  }

  copy(src: Uint8Array, at: number, to: number, n: number): void {
    if (n >= SET_MIN) {
      this.#dst.set(src.subarray(at, at + n), to);
      return;
    }
    if (src !== this.#src) this.#open(src);
    const from = this.#srcView;
    const into = this.#dstView;
    let i = 0;
    for (; i + 4 <= n; i += 4) into.setInt32(to + i, from.getInt32(at + i, true), true);
    for (; i < n; i++) into.setUint8(to + i, from.getUint8(at + i));
  }

  /** Lets go of the source. */
  release(): void {
    this.#src = null;
    this.#srcView = NOTHING;
  }

  #open(src: Uint8Array): void {
    this.#src = src;
    this.#srcView = new DataView(src.buffer, src.byteOffset, src.byteLength);
  }
}
