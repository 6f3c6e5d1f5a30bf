/**
 * What waits to leave by one port. Bounded in frames, bytes and age; whatever does not fit is dropped and counted.
 *
 * Runs are lent, so they are copied as they come, one after the other, into blocks that become messages as they are.
 * The end of a turn seals what there is: it may leave. A block that cannot leave yet goes on being filled.
 */
import {
  MAX_BATCH,
  RECORD_HEADER,
  readRecordLength,
  recordFrames,
  runBytes,
  SEND_HEADROOM,
} from '@etherloom/transport';
import { type Block, type BlockPool, SMALL_BATCH } from './block-pool.ts';
import { CARRIER_DOWN, Drops, dropName, QUEUE_AGE, QUEUE_BYTES, QUEUE_FRAMES } from './drops.ts';
import type { TraceEgress } from './trace-points.ts';

/** Where messages go: a socket, or a fake that counts. */
export interface EgressSink {
  /** Bytes sent that the operating system has not taken yet. */
  readonly pending: number;
  /**
   * Lends the bytes, as one message, until the block of this number comes home to its pool; `headroom` bytes before
   * them too, to be written. False when it is closed: nothing is lent then.
   */
  send(buf: Uint8Array, offset: number, length: number, block: number, headroom: number): boolean;
}

export interface EgressLimits {
  readonly frames: number;
  readonly bytes: number;
  /** Milliseconds. */
  readonly age: number;
  /** Messages wait here while the sink has this many bytes pending. */
  readonly highWater: number;
}

export const EGRESS_LIMITS: EgressLimits = {
  frames: 16_384,
  bytes: 2 << 20,
  age: 1000,
  highWater: 128 << 10,
};
/**
 * A port that takes super-frames holds so many times more bytes: behind it is Linux, whose TCP has up to 6 MiB under way in
 * one stream, and whose own interfaces would queue a thousand super-frames.
 */
const VNET_BYTES = 4;
/** A block ages with its oldest frame: it takes others for this part of the age limit only. */
const GATHER_PART = 1 / 8;

export class EgressQueue {
  /** Held now. */
  frames = 0;
  bytes = 0;
  /** Handed to the sink so far; bytes without record headers. */
  sent = 0;
  sentBytes = 0;
  /** Where drops are counted: the link direction that feeds this queue. */
  drops = new Drops();
  /** Bytes before each frame of a record: VNET_SKIP or 0. */
  skip = 0;
  /** Null until somebody traces. */
  trace: TraceEgress | null = null;
  readonly #pool: BlockPool;
  readonly #limits: EgressLimits;
  /** Oldest first; the last one is being filled. */
  readonly #blocks: Block[] = [];
  /** The last of them, while it takes more. */
  #open: Block | null = null;
  /** How many of them may leave. */
  #sealed = 0;
  /** The last one that left was more than a small block holds. */
  #busy = false;

  constructor(pool: BlockPool, limits: EgressLimits = EGRESS_LIMITS) {
    this.#pool = pool;
    this.#limits = limits;
  }

  push(buf: Uint8Array, at: number, length: number, frames: number, now: number): void {
    if (this.trace === null) this.#push(buf, at, length, frames, now);
    else this.#traced(this.trace, buf, at, length, now);
  }

  /** Apart, because a closure would cost every run its context. */
  #traced(trace: TraceEgress, buf: Uint8Array, at: number, length: number, now: number): void {
    trace.push(buf, at, length, this.skip, (from, size, n) => this.#push(buf, from, size, n, now));
  }

  #push(buf: Uint8Array, at: number, length: number, frames: number, now: number): void {
    if (this.frames + frames <= this.#limits.frames && this.bytes + length <= this.#maxBytes) {
      this.#put(buf, at, length, frames, now);
    } else {
      this.#expire(now);
      this.#pushWhatFits(buf, at, length, frames, now);
    }
  }

  /** Ends the turn: all that is here may leave. */
  seal(): void {
    this.#sealed = this.#blocks.length;
  }

  /** Sends what is sealed while the sink takes it. */
  drain(sink: EgressSink, now: number): void {
    const { highWater, age } = this.#limits;
    while (this.#sealed > 0 && sink.pending < highWater) {
      const block = this.#shift();
      const { frames, length } = block;
      this.#busy = length > SMALL_BATCH;
      if (this.trace !== null && now - block.since <= age) this.trace.left(block.buf, length, 'sent');
      if (now - block.since > age) this.#discard(block, QUEUE_AGE);
      else if (sink.send(block.buf, SEND_HEADROOM, length, block.no, SEND_HEADROOM)) {
        this.sent += frames;
        this.sentBytes += runBytes(block.buf, SEND_HEADROOM, length, frames, this.skip);
      } else this.#discard(block, CARRIER_DOWN);
    }
  }

  get #maxBytes(): number {
    return this.skip === 0 ? this.#limits.bytes : this.#limits.bytes * VNET_BYTES;
  }

  /** Throws everything away: the receiver is gone. */
  clear(): void {
    while (this.#blocks.length > 0) this.#discard(this.#shift(), CARRIER_DOWN);
  }

  #put(buf: Uint8Array, at: number, length: number, frames: number, now: number): void {
    const block = this.#open;
    if (block !== null && block.length + length <= block.room && this.#gathers(block, now)) {
      this.#append(block, buf, at, length, frames);
    } else this.#spread(buf, at, length, frames, now);
  }

  #append(block: Block, buf: Uint8Array, at: number, length: number, frames: number): void {
    this.#pool.append(block, buf, at, length, frames);
    this.frames += frames;
    this.bytes += length;
  }

  /** Cuts a run between records to fill the last block, and the ones that follow. */
  #spread(buf: Uint8Array, start: number, length: number, frames: number, now: number): void {
    const end = start + length;
    let at = start;
    let left = frames;
    while (left > 0) {
      const record = readRecordLength(buf, at);
      const first = RECORD_HEADER + record;
      const block = this.#blockFor(first, end - at, now);
      const stop = Math.min(end, at + block.room - block.length);
      let next = at + first;
      let taken = recordFrames(buf, at, record, this.skip);
      if (stop === end) {
        next = end;
        taken = left;
      }
      while (next + RECORD_HEADER <= stop) {
        const length = readRecordLength(buf, next);
        const after = next + RECORD_HEADER + length;
        if (after > stop) break;
        taken += recordFrames(buf, next, length, this.skip);
        next = after;
      }
      this.#append(block, buf, at, next - at, taken);
      at = next;
      left -= taken;
    }
  }

  /** The last block if it takes this record, or a new one; a small one that is full moves into a large one. */
  #blockFor(record: number, length: number, now: number): Block {
    const open = this.#open;
    if (open !== null && this.#gathers(open, now)) {
      if (open.length + record <= open.room) return open;
      if (open.small && open.length + record <= MAX_BATCH) return this.#enlarge(open);
    }
    const block = this.#pool.take(length <= SMALL_BATCH && !this.#busy);
    block.since = now;
    this.#blocks.push(block);
    this.#open = block;
    return block;
  }

  #enlarge(small: Block): Block {
    const large = this.#pool.take(false);
    this.#pool.append(large, small.buf, SEND_HEADROOM, small.length, small.frames);
    large.since = small.since;
    this.#blocks[this.#blocks.length - 1] = large;
    this.#open = large;
    this.#pool.give(small.no);
    return large;
  }

  #gathers(block: Block, now: number): boolean {
    return now - block.since <= this.#limits.age * GATHER_PART;
  }

  #pushWhatFits(buf: Uint8Array, at: number, length: number, frames: number, now: number): void {
    const roomFrames = Math.min(frames, this.#limits.frames - this.frames);
    const end = at + Math.min(length, this.#maxBytes - this.bytes);
    let next = at;
    let fits = 0;
    let reason = QUEUE_FRAMES;
    while (fits < roomFrames) {
      const length = readRecordLength(buf, next);
      const after = next + RECORD_HEADER + length;
      const more = recordFrames(buf, next, length, this.skip);
      if (after > end) reason = QUEUE_BYTES;
      if (after > end || fits + more > roomFrames) break;
      next = after;
      fits += more;
    }
    if (fits > 0) this.#put(buf, at, next - at, fits, now);
    if (fits < frames) this.drops.add(reason, frames - fits);
  }

  /** Drops from the head what is too old, so that what arrives now finds room. */
  #expire(now: number): void {
    while (this.#blocks.length > 0 && now - this.#blocks[0]!.since > this.#limits.age) {
      this.#discard(this.#shift(), QUEUE_AGE);
    }
  }

  #discard(block: Block, reason: number): void {
    this.drops.add(reason, block.frames);
    if (this.trace !== null) this.trace.left(block.buf, block.length, 'dropped', dropName(reason));
    this.#pool.give(block.no);
  }

  #shift(): Block {
    const block = this.#blocks.shift()!;
    if (block === this.#open) this.#open = null;
    if (this.#sealed > 0) this.#sealed--;
    this.frames -= block.frames;
    this.bytes -= block.length;
    return block;
  }
}
