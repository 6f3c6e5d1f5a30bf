/**
 * Copies short runs of records into one buffer, by words through a DataView, which is kept while runs come from the same
 * message: a view a run, as Uint8Array.set needs, costs more than the bytes of a small frame.
 */
import { copyWords, WORDS_MAX } from '@etherloom/frame';

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
    if (n > WORDS_MAX) {
      this.#dst.set(src.subarray(at, at + n), to);
      return;
    }
    if (src !== this.#src) this.#open(src);
    copyWords(this.#srcView, at, this.#dstView, to, n);
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
