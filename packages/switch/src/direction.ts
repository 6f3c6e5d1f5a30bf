/**
 * One direction of a link: counts what it is given, refuses what does not fit, delays and loses what it is told to, and
 * passes the rest on. The unimpaired way is one comparison and a call for a whole run.
 */
import { isVlanTagged, vnetLongest } from '@etherloom/frame';
import { RECORD_HEADER, readRecordLength, recordFrames, runBytes } from '@etherloom/transport';
import { CARRIER_DOWN, Drops, PKT_TOO_BIG } from './drops.ts';
import type { ImpairTally } from './impair-tally.ts';
import type { Impairment } from './impairment.ts';
import type { RunSink } from './run-sink.ts';
import type { TraceDirection } from './trace-points.ts';
import { cutRun } from './vnet-runs.ts';

const ETH_HLEN = 14;
const VLAN_HLEN = 4;
/** From here on every frame a record may hold fits. */
const UNLIMITED_MTU = 65535;

export class Direction implements RunSink {
  /** Given so far, and passed on so far; bytes without record headers. */
  tx = 0;
  txBytes = 0;
  passed = 0;
  passedBytes = 0;
  readonly drops = new Drops();
  /** Whether the far end takes anything. */
  open = false;
  /** MTU of the link. */
  mtu = UNLIMITED_MTU;
  impairment: Impairment | null = null;
  /** What impairments have decided here; null as long as there was none. */
  tally: ImpairTally | null = null;
  /** Null until somebody traces. */
  trace: TraceDirection | null = null;
  readonly #to: RunSink;
  readonly #cut: RunSink = {
    take: (buf, at, length, _frames, now) => this.#offer(buf, at, length, now),
  };

  constructor(to: RunSink) {
    this.#to = to;
  }

  /** Frames under way in this direction, not counting the port's own queue. */
  get held(): number {
    return this.impairment?.held ?? 0;
  }

  /** Frames that were made here: given + copies = passed + dropped + held. */
  get copies(): number {
    return this.tally?.duplicated ?? 0;
  }

  take(buf: Uint8Array, at: number, length: number, frames: number, now: number, skip: number): void {
    this.tx += frames;
    this.txBytes += runBytes(buf, at, length, frames, skip);
    if (this.trace === null) this.#take(buf, at, length, frames, now, skip);
    else this.#traced(this.trace, buf, at, length, now, skip);
  }

  /** Apart, because a closure would cost every run its context. */
  #traced(
    trace: TraceDirection,
    buf: Uint8Array,
    at: number,
    length: number,
    now: number,
    skip: number,
  ): void {
    trace.take(buf, at, length, skip, (from, size, n) => this.#take(buf, from, size, n, now, skip));
  }

  #take(buf: Uint8Array, at: number, length: number, frames: number, now: number, skip: number): void {
    if (!this.open) this.drops.add(CARRIER_DOWN, frames);
    else if (this.impairment !== null) this.#impair(buf, at, length, now, skip);
    else if (this.mtu < UNLIMITED_MTU) this.#passFitting(buf, at, length, now, skip);
    else this.pass(buf, at, length, frames, now, skip);
  }

  /** Hands on a run that has served its time. */
  pass(buf: Uint8Array, at: number, length: number, frames: number, now: number, skip: number): void {
    if (this.trace !== null) this.trace.pass(buf, at, length, skip);
    if (!this.open) {
      this.drops.add(CARRIER_DOWN, frames);
      return;
    }
    this.passed += frames;
    this.passedBytes += runBytes(buf, at, length, frames, skip);
    this.#to.take(buf, at, length, frames, now, skip);
  }

  /** Throws away what is under way. */
  clear(): void {
    if (this.impairment !== null) this.drops.add(CARRIER_DOWN, this.impairment.clear());
  }

  /** Frames of the wire are lost and late, so super-frames are cut before. */
  #impair(buf: Uint8Array, start: number, length: number, now: number, skip: number): void {
    if (skip === 0) this.#offer(buf, start, length, now);
    else cutRun(buf, start, length, now, this.#cut);
  }

  #offer(buf: Uint8Array, start: number, length: number, now: number): void {
    const impairment = this.impairment!;
    const end = start + length;
    let at = start;
    while (at < end) {
      const frame = readRecordLength(buf, at);
      if (this.#fits(buf, at + RECORD_HEADER, frame)) impairment.offer(buf, at, frame, now);
      else this.drops.add(PKT_TOO_BIG, 1);
      at += RECORD_HEADER + frame;
    }
    impairment.settle(now);
  }

  /** Passes the runs between frames that are too big. */
  #passFitting(buf: Uint8Array, start: number, length: number, now: number, skip: number): void {
    const end = start + length;
    let at = start;
    let run = start;
    let frames = 0;
    while (at < end) {
      const record = readRecordLength(buf, at);
      const next = at + RECORD_HEADER + record;
      const count = recordFrames(buf, at, record, skip);
      if (this.#fits(buf, at + RECORD_HEADER + skip, longest(buf, at, record, skip))) frames += count;
      else {
        this.drops.add(PKT_TOO_BIG, count);
        if (frames > 0) this.pass(buf, run, at - run, frames, now, skip);
        run = next;
        frames = 0;
      }
      at = next;
    }
    if (frames > 0) this.pass(buf, run, end - run, frames, now, skip);
  }

  /** The MTU counts neither the Ethernet header nor one VLAN tag. `at`: the frame. */
  #fits(buf: Uint8Array, at: number, length: number): boolean {
    const over = length - this.mtu - ETH_HLEN;
    return over <= 0 || (over <= VLAN_HLEN && isVlanTagged(buf, at));
  }
}

/** The MTU is one of segments. */
function longest(buf: Uint8Array, at: number, record: number, skip: number): number {
  return skip === 0 ? record : vnetLongest(buf, at + RECORD_HEADER, record - skip);
}
