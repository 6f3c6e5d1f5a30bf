/** The card's transmitter: gathers the frames of a turn into one message for the cable, as wslink does. */
import {
  BatchWriter,
  MAX_BATCH,
  MAX_FRAME,
  MIN_FRAME,
  SEND_HEADROOM,
  type Transport,
} from '@etherloom/transport';
import type { NicCounters } from './nic-counters.ts';

/** What became of a frame: on its way; the cable is full, ask again; lost. */
export const WIRE_SENT = 0;
export const WIRE_FULL = 1;
export const WIRE_LOST = 2;

/** What a driver hands over may be anything. */
function isFrame(buf: Uint8Array, at: number, len: number): boolean {
  if (!Number.isInteger(at) || !Number.isInteger(len) || at < 0) return false;
  return len >= MIN_FRAME && len <= MAX_FRAME && at + len <= buf.length;
}

export class NicWire {
  /** Frames ever handed to the cable. */
  cableFrames = 0;
  readonly #transport: Transport;
  readonly #counters: NicCounters;
  readonly #batches: BatchWriter[] = [];
  readonly #free: number[] = [];
  readonly #max: number;
  #open = -1;
  #openBytes = 0;

  constructor(transport: Transport, counters: NicCounters) {
    this.#transport = transport;
    this.#counters = counters;
    this.#max = Math.ceil(transport.highWater / MAX_BATCH) + 1;
  }

  /** Copies a frame into the open message. */
  put(buf: Uint8Array, at: number, len: number): number {
    if (!isFrame(buf, at, len) || !this.#transport.up) return this.#lost(1);
    for (;;) {
      if (this.#open < 0 && !this.#openBatch()) return WIRE_FULL;
      if (this.#batches[this.#open]!.append(buf, at, len, null)) break;
      this.flush();
    }
    this.#openBytes += len;
    return WIRE_SENT;
  }

  /** Lends the open message to the cable. */
  flush(): void {
    if (this.#open < 0) return;
    const token = this.#open;
    const bytes = this.#openBytes;
    const { buf, length, frames } = this.#batches[token]!;
    this.#open = -1;
    this.#openBytes = 0;
    if (!this.#transport.send(buf, 0, length, token, SEND_HEADROOM)) {
      this.#free.push(token);
      this.#lost(frames);
      return;
    }
    this.cableFrames += frames;
    this.#counters.txFrames += frames;
    this.#counters.txBytes += bytes;
    this.#counters.txMessages++;
  }

  /** The cable gave a message back. */
  sent(token: number): void {
    this.#free.push(token);
  }

  #lost(frames: number): number {
    this.#counters.txLost += frames;
    return WIRE_LOST;
  }

  #openBatch(): boolean {
    if (this.#transport.pending > this.#transport.highWater) return false;
    const token = this.#free.pop() ?? (this.#batches.length < this.#max ? this.#batches.length : -1);
    if (token < 0) return false;
    this.#batches[token] ??= new BatchWriter();
    this.#batches[token].reset();
    this.#open = token;
    return true;
  }
}
