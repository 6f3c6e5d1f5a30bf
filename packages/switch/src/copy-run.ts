/**
 * Copies runs of records, short ones by words through a DataView of the source, which is kept while runs come from the
 * same buffer: a view a run, as Uint8Array.set needs, costs more than the bytes of a small frame.
 */
import { copyBytes, copyWords, WORDS_MAX } from '@etherloom/frame';

const NOTHING: DataView = new DataView(new ArrayBuffer(0));

/** A buffer and a view over all of it. */
export interface RunTarget {
  readonly buf: Uint8Array;
  readonly view: DataView;
}

export class RunCopier {
  #src: Uint8Array | null = null;
  #srcView = NOTHING;

  copy(src: Uint8Array, at: number, dst: RunTarget, to: number, n: number): void {
    if (n > WORDS_MAX) {
      copyBytes(src, at, dst.buf, to, n);
      return;
    }
    if (src !== this.#src) this.#open(src);
    copyWords(this.#srcView, at, dst.view, to, n);
  }

  #open(src: Uint8Array): void {
    this.#src = src;
    this.#srcView = new DataView(src.buffer, src.byteOffset, src.byteLength);
  }
}
