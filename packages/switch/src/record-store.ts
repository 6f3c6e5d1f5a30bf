/**
 * Bytes of records that wait, by slot. They are copied one after the other into chunks that are never written twice:
 * what leaves in the order it came is contiguous again and leaves as one run, without another copy. A chunk lives for
 * as long as anything refers to it.
 */
import { RunCopier, type RunTarget } from './copy-run.ts';

const CHUNK = 64 << 10;

class Chunk implements RunTarget {
  readonly buf: Uint8Array;
  readonly view: DataView;

  constructor(length: number) {
    this.buf = new Uint8Array(length);
    this.view = new DataView(this.buf.buffer);
  }
}

export class RecordStore {
  /** The run being collected by extendRun; null while it is empty. */
  runBuf: Uint8Array | null = null;
  runAt = 0;
  runLength = 0;
  runFrames = 0;
  #chunk = new Chunk(0);
  #used = 0;
  readonly #copier = new RunCopier();
  readonly #buf: (Uint8Array | null)[] = [];
  readonly #at: number[] = [];
  readonly #length: number[] = [];

  put(slot: number, src: Uint8Array, at: number, length: number): void {
    if (this.#used + length > this.#chunk.buf.length) {
      this.#chunk = new Chunk(Math.max(CHUNK, length));
      this.#used = 0;
    }
    this.#copier.copy(src, at, this.#chunk, this.#used, length);
    this.#buf[slot] = this.#chunk.buf;
    this.#at[slot] = this.#used;
    this.#length[slot] = length;
    this.#used += length;
  }

  /** Where the record of a slot is: its bytes may be changed until it is in a run. */
  bytesOf(slot: number): Uint8Array {
    return this.#buf[slot]!;
  }

  placeOf(slot: number): number {
    return this.#at[slot]!;
  }

  free(slot: number): void {
    this.#buf[slot] = null;
  }

  beginRun(): void {
    this.runBuf = null;
    this.runLength = 0;
    this.runFrames = 0;
  }

  /** Moves the slot's record to the end of the run and frees the slot; false when it is not its neighbour. */
  extendRun(slot: number): boolean {
    const buf = this.#buf[slot]!;
    const at = this.#at[slot]!;
    if (this.runBuf === null) {
      this.runBuf = buf;
      this.runAt = at;
    } else if (this.runBuf !== buf || this.runAt + this.runLength !== at) return false;
    this.runLength += this.#length[slot]!;
    this.runFrames++;
    this.#buf[slot] = null;
    return true;
  }
}
