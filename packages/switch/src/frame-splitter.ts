/** Makes a message of each record of a batch: what a raw client takes. */
import { RECORD_HEADER, readRecordLength } from '@etherloom/transport';
import type { EgressSink } from './egress-queue.ts';

const NO_LOAN = -1;

export class FrameSplitter implements EgressSink {
  readonly #socket: EgressSink;

  constructor(socket: EgressSink) {
    this.#socket = socket;
  }

  get pending(): number {
    return this.#socket.pending;
  }

  /** The last record takes the block along: what was lent before it has been written before it. */
  send(buf: Uint8Array, offset: number, length: number, block: number): boolean {
    const end = offset + length;
    let open = true;
    for (let at = offset; at < end; ) {
      const frame = readRecordLength(buf, at);
      const next = at + RECORD_HEADER + frame;
      open = this.#socket.send(buf, at + RECORD_HEADER, frame, next < end ? NO_LOAN : block, 0);
      at = next;
    }
    return open;
  }
}
