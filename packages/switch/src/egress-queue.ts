/**
 * What waits to leave by one port. Bounded in frames, bytes and age; whatever does not fit is dropped and counted.
 *
 * Runs are staged during a turn and sealed at its end: a long run becomes a message of its own without a copy, short
 * ones are copied together into one. So a queue that backs up holds no slivers of other people's large messages.
 */
import { MAX_BATCH, RECORD_HEADER, readRecordLength } from '@etherloom/transport';
import { RunCopier } from './copy-run.ts';
import { CARRIER_DOWN, Drops, QUEUE_AGE, QUEUE_BYTES, QUEUE_FRAMES } from './drops.ts';

/** Where messages go: a socket, or a fake that counts. */
export interface EgressSink {
  /** Bytes sent that the operating system has not taken yet. */
  readonly pending: number;
  /** Lends the bytes, as one message. False when it is closed. */
  send(buf: Uint8Array, offset: number, length: number): boolean;
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
/** From here on a message of its own costs less than a copy. */
const LEND_MIN = 8192;
/** A run that is a smaller part of its message is copied: lent, it would hold all of it for as long as it waits. */
const LEND_PART = 8;

interface Segment {
  readonly buf: Uint8Array;
  readonly at: number;
  readonly length: number;
  readonly frames: number;
  readonly since: number;
}

export class EgressQueue {
  /** Held now. */
  frames = 0;
  bytes = 0;
  /** Handed to the sink so far; bytes without record headers. */
  sent = 0;
  sentBytes = 0;
  /** Where drops are counted: the link direction that feeds this queue. */
  drops = new Drops();
  readonly #limits: EgressLimits;
  readonly #sealed: Segment[] = [];
  #head = 0;
  readonly #copier = new RunCopier();
  // The runs of this turn, a column an array.
  #staged = 0;
  readonly #buf: (Uint8Array | null)[] = [];
  readonly #at: number[] = [];
  readonly #length: number[] = [];
  readonly #frames: number[] = [];
  #since = 0;

  constructor(limits: EgressLimits = EGRESS_LIMITS) {
    this.#limits = limits;
  }

  push(buf: Uint8Array, at: number, length: number, frames: number, now: number): void {
    const { frames: maxFrames, bytes: maxBytes } = this.#limits;
    if (this.frames + frames <= maxFrames && this.bytes + length <= maxBytes) {
      this.#stage(buf, at, length, frames, now);
    } else {
      this.#expire(now);
      this.#pushWhatFits(buf, at, length, frames, now);
    }
  }

  /** Ends the turn: staged runs become messages. */
  seal(): void {
    let i = 0;
    while (i < this.#staged) i = this.#lends(i) ? this.#sealLent(i) : this.#sealCopied(i);
    this.#staged = 0;
    this.#copier.release();
  }

  /** Sends what is sealed while the sink takes it. */
  drain(sink: EgressSink, now: number): void {
    const { highWater, age } = this.#limits;
    while (this.#head < this.#sealed.length && sink.pending < highWater) {
      const segment = this.#shift();
      if (now - segment.since > age) this.drops.add(QUEUE_AGE, segment.frames);
      else if (sink.send(segment.buf, segment.at, segment.length)) {
        this.sent += segment.frames;
        this.sentBytes += segment.length - segment.frames * RECORD_HEADER;
      } else this.drops.add(CARRIER_DOWN, segment.frames);
    }
  }

  /** Throws everything away: the receiver is gone. */
  clear(): void {
    this.drops.add(CARRIER_DOWN, this.frames);
    this.#sealed.length = 0;
    this.#head = 0;
    this.#buf.length = 0;
    this.#staged = 0;
    this.frames = 0;
    this.bytes = 0;
  }

  #stage(buf: Uint8Array, at: number, length: number, frames: number, now: number): void {
    const i = this.#staged++;
    if (i === 0) this.#since = now;
    this.#buf[i] = buf;
    this.#at[i] = at;
    this.#length[i] = length;
    this.#frames[i] = frames;
    this.frames += frames;
    this.bytes += length;
  }

  #pushWhatFits(buf: Uint8Array, at: number, length: number, frames: number, now: number): void {
    const roomFrames = Math.min(frames, this.#limits.frames - this.frames);
    const end = at + Math.min(length, this.#limits.bytes - this.bytes);
    let next = at;
    let fits = 0;
    while (fits < roomFrames) {
      const after = next + RECORD_HEADER + readRecordLength(buf, next);
      if (after > end) break;
      next = after;
      fits++;
    }
    if (fits > 0) this.#stage(buf, at, next - at, fits, now);
    if (fits < frames) this.drops.add(fits === roomFrames ? QUEUE_FRAMES : QUEUE_BYTES, frames - fits);
  }

  #lends(i: number): boolean {
    const length = this.#length[i]!;
    return length >= LEND_MIN && length * LEND_PART >= this.#buf[i]!.length;
  }

  #sealLent(i: number): number {
    const buf = this.#buf[i]!;
    this.#buf[i] = null;
    this.#sealed.push({
      buf,
      at: this.#at[i]!,
      length: this.#length[i]!,
      frames: this.#frames[i]!,
      since: this.#since,
    });
    return i + 1;
  }

  #sealCopied(first: number): number {
    let length = 0;
    let next = first;
    while (next < this.#staged && !this.#lends(next)) {
      if (next > first && length + this.#length[next]! > MAX_BATCH) break;
      length += this.#length[next++]!;
    }
    const buf = Buffer.allocUnsafe(length);
    this.#copier.target(buf);
    let to = 0;
    let frames = 0;
    for (let i = first; i < next; i++) {
      this.#copier.copy(this.#buf[i]!, this.#at[i]!, to, this.#length[i]!);
      to += this.#length[i]!;
      frames += this.#frames[i]!;
      this.#buf[i] = null;
    }
    this.#sealed.push({ buf, at: 0, length, frames, since: this.#since });
    return next;
  }

  /** Drops from the head what is too old, so that what arrives now finds room. */
  #expire(now: number): void {
    while (this.#head < this.#sealed.length && now - this.#sealed[this.#head]!.since > this.#limits.age) {
      this.drops.add(QUEUE_AGE, this.#shift().frames);
    }
  }

  #shift(): Segment {
    const segment = this.#sealed[this.#head++]!;
    this.frames -= segment.frames;
    this.bytes -= segment.length;
    if (this.#head === this.#sealed.length || this.#head === 256) {
      this.#sealed.splice(0, this.#head);
      this.#head = 0;
    }
    return segment;
  }
}
