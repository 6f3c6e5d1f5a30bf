/** The card's packet buffer: frames that came from the wire and wait for a descriptor. Bounded in bytes. */
import { RECORD_HEADER, readRecordLength } from '@etherloom/transport';

const FIFO_BYTES = 1 << 20;

interface Chunk {
  readonly buf: Uint8Array;
  at: number;
  frames: number;
}

export class NicFifo {
  #chunks: Chunk[] = [];
  #bytes = 0;

  /** Keeps a copy of as many whole records as there is room for; returns how many frames were not kept. */
  push(buf: Uint8Array, offset: number, frames: number): number {
    let end = offset;
    let kept = 0;
    while (kept < frames) {
      const next = end + RECORD_HEADER + readRecordLength(buf, end);
      if (this.#bytes + next - offset > FIFO_BYTES) break;
      end = next;
      kept++;
    }
    if (kept > 0) {
      this.#chunks.push({ buf: new Uint8Array(buf.subarray(offset, end)), at: 0, frames: kept });
      this.#bytes += end - offset;
    }
    return frames - kept;
  }

  /** Shows the oldest frame to `take`; forgets it when that says true. False when there was none or it was not taken. */
  shift(take: (buf: Uint8Array, at: number, len: number) => boolean): boolean {
    const chunk = this.#chunks[0];
    if (chunk === undefined) return false;
    const len = readRecordLength(chunk.buf, chunk.at);
    if (!take(chunk.buf, chunk.at + RECORD_HEADER, len)) return false;
    chunk.at += RECORD_HEADER + len;
    this.#bytes -= RECORD_HEADER + len;
    if (--chunk.frames === 0 && this.#chunks[0] === chunk) this.#chunks.shift();
    return true;
  }

  /** Forgets what waits; returns how many frames that were. */
  clear(): number {
    const frames = this.#chunks.reduce((sum, chunk) => sum + chunk.frames, 0);
    this.#chunks = [];
    this.#bytes = 0;
    return frames;
  }
}
