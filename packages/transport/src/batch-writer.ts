/** Fills one buffer with records. Allocates its buffer once; appending costs one copy of the frame. */
import { copyBytes, copyWords, WORDS_MAX } from '@etherloom/frame';
import { MAX_BATCH, MAX_FRAME, MAX_MESSAGE, MIN_FRAME, RECORD_HEADER, SEND_HEADROOM } from './batch.ts';

export class BatchWriter {
  /** Before it, in the same memory, there is room for the head of a message: SEND_HEADROOM. */
  readonly buf: Uint8Array;
  length = 0;
  frames = 0;
  readonly #limit: number;
  readonly #view: DataView;

  /** `limit`: where a batch of more than one record ends. */
  constructor(limit = MAX_BATCH) {
    this.#limit = limit;
    const memory = new ArrayBuffer(SEND_HEADROOM + Math.max(limit, MAX_MESSAGE));
    this.buf = new Uint8Array(memory, SEND_HEADROOM);
    this.#view = new DataView(memory, SEND_HEADROOM);
  }

  /** Whether a frame of this length may still be appended. A first frame may exceed the limit, up to MAX_FRAME. */
  fits(length: number): boolean {
    return this.length === 0 || this.length + RECORD_HEADER + length <= this.#limit;
  }

  /**
   * False when it does not fit; a length that no record may have is the caller's error and throws.
   * `view`, over the bytes of `frame`, makes the copy of a small one cheaper. The record begins with `skip` bytes that
   * the caller writes: they are the ones before buf[this.length - length].
   */
  append(frame: Uint8Array, offset: number, length: number, view: DataView | null = null, skip = 0): boolean {
    if (length < MIN_FRAME || length > MAX_FRAME) badFrameLength(length);
    if (!this.fits(length + skip)) return false;
    const at = this.length + RECORD_HEADER + skip;
    this.#view.setUint32(this.length, length + skip);
    if (view !== null && length <= WORDS_MAX) copyWords(view, offset, this.#view, at, length);
    else copyBytes(frame, offset, this.buf, at, length);
    this.length = at + length;
    this.frames++;
    return true;
  }

  reset(): void {
    this.length = 0;
    this.frames = 0;
  }
}

function badFrameLength(length: number): never {
  throw new RangeError(`a frame of ${length} bytes fits no record: ${MIN_FRAME} to ${MAX_FRAME} bytes`);
}
