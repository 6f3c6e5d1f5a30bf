/**
 * Cuts the payload of batches into whole records as it arrives: all that a piece holds leave as one run, where they
 * lie, without waiting for the end of the message. Only a record that spans two pieces is copied together.
 */
import {
  BATCH_NOT_WHOLE,
  BATCH_RUNT,
  BATCH_TOO_LONG,
  countVnetRecords,
  MAX_FRAME,
  MAX_MESSAGE,
  MIN_FRAME,
  RECORD_HEADER,
  readRecordLength,
  VNET_SKIP,
} from '@etherloom/transport';

/** `frames` valid records, lent for the call. */
export type TakeRun = (buf: Uint8Array, at: number, length: number, frames: number) => void;

const OK = 0;
const NOTHING = new Uint8Array(0);
/** Where records are joined; a reader has one only while it waits for the rest of a record. */
const spare: Uint8Array[] = [];
const MAX_SPARE = 16;

export class RecordReader {
  readonly #take: TakeRun;
  /** The beginning of a record: its bytes so far. */
  #part: Uint8Array = NOTHING;
  #partLength = 0;
  /** Bytes before each frame of a record: VNET_SKIP where super-frames cross (FEATURE_VNET). */
  #skip = 0;
  /** The message has had a record. */
  #some = false;

  constructor(take: TakeRun) {
    this.#take = take;
  }

  get vnet(): boolean {
    return this.#skip > 0;
  }

  set vnet(on: boolean) {
    this.#skip = on ? VNET_SKIP : 0;
  }

  /** The beginning of a record that is still to be completed. */
  get partial(): Uint8Array {
    return this.#part.subarray(0, this.#partLength);
  }

  /** A piece of the message. 0, or a BATCH_* verdict: what came before the fault has been handed on. */
  read(buf: Uint8Array, start: number, n: number): number {
    const end = start + n;
    const at = this.#partLength === 0 ? start : this.#complete(buf, start, end);
    return at < 0 ? at : this.#run(buf, at, end);
  }

  /** The message is over: 0, or BATCH_NOT_WHOLE. */
  end(): number {
    const whole = this.#some && this.#partLength === 0;
    this.#some = false;
    return whole ? OK : BATCH_NOT_WHOLE;
  }

  /** Forgets the beginning of a record. */
  release(): void {
    this.#partLength = 0;
    if (this.#part !== NOTHING && spare.length < MAX_SPARE) spare.push(this.#part);
    this.#part = NOTHING;
  }

  #run(buf: Uint8Array, start: number, end: number): number {
    let at = start;
    let frames = 0;
    let verdict = OK;
    while (at + RECORD_HEADER <= end) {
      const length = readRecordLength(buf, at);
      verdict = judge(length - this.#skip);
      const next = at + RECORD_HEADER + length;
      if (verdict !== OK || next > end) break;
      const count = this.#skip === 0 ? 1 : countVnetRecords(buf, at, next - at);
      if (count < 0) {
        verdict = count;
        break;
      }
      at = next;
      frames += count;
    }
    if (frames > 0) {
      this.#some = true;
      this.#take(buf, start, at - start, frames);
    }
    if (verdict === OK && at < end) this.#keep(buf, at, end);
    return verdict;
  }

  #keep(buf: Uint8Array, at: number, end: number): void {
    if (this.#part === NOTHING) this.#part = spare.pop() ?? new Uint8Array(MAX_MESSAGE);
    this.#part.set(buf.subarray(at, end), this.#partLength);
    this.#partLength += end - at;
  }

  /** Completes the record that has begun. Returns where the next one begins, or a verdict. */
  #complete(buf: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.#partLength < RECORD_HEADER) {
      const stop = Math.min(end, at + RECORD_HEADER - this.#partLength);
      this.#keep(buf, at, stop);
      at = stop;
      if (this.#partLength < RECORD_HEADER) return end;
    }
    const length = readRecordLength(this.#part, 0);
    const verdict = judge(length - this.#skip);
    if (verdict !== OK) return verdict;
    const stop = Math.min(end, at + RECORD_HEADER + length - this.#partLength);
    this.#keep(buf, at, stop);
    if (this.#partLength < RECORD_HEADER + length) return stop;
    const count = this.#skip === 0 ? 1 : countVnetRecords(this.#part, 0, RECORD_HEADER + length);
    if (count < 0) return count;
    this.#takePart(count);
    return stop;
  }

  #takePart(frames: number): void {
    const { length } = this.partial;
    this.#partLength = 0;
    this.#some = true;
    this.#take(this.#part, 0, length, frames);
    this.release();
  }
}

function judge(length: number): number {
  if (length > MAX_FRAME) return BATCH_TOO_LONG;
  return length < MIN_FRAME ? BATCH_RUNT : OK;
}
