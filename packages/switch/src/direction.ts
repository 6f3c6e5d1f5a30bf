/**
 * One direction of a link: counts what it is given, refuses what does not fit, delays and loses what it is told to, and
 * passes the rest on. The unimpaired way is one comparison and a call for a whole run.
 */
import { isVlanTagged } from '@etherloom/frame';
import { RECORD_HEADER, readRecordLength } from '@etherloom/transport';
import { CARRIER_DOWN, Drops, PKT_TOO_BIG } from './drops.ts';
import type { Impairment } from './impairment.ts';
import type { RunSink } from './run-sink.ts';

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
  readonly #to: RunSink;

  constructor(to: RunSink) {
    this.#to = to;
  }

  /** Frames under way in this direction, not counting the port's own queue. */
  get held(): number {
    return this.impairment?.held ?? 0;
  }

  take(buf: Uint8Array, at: number, length: number, frames: number, now: number): void {
    this.tx += frames;
    this.txBytes += length - frames * RECORD_HEADER;
    if (!this.open) this.drops.add(CARRIER_DOWN, frames);
    else if (this.impairment !== null) this.#impair(this.impairment, buf, at, length, now);
    else if (this.mtu < UNLIMITED_MTU) this.#passFitting(buf, at, length, now);
    else this.pass(buf, at, length, frames, now);
  }

  /** Hands on a run that has served its time. */
  pass(buf: Uint8Array, at: number, length: number, frames: number, now: number): void {
    if (!this.open) {
      this.drops.add(CARRIER_DOWN, frames);
      return;
    }
    this.passed += frames;
    this.passedBytes += length - frames * RECORD_HEADER;
    this.#to.take(buf, at, length, frames, now);
  }

  /** Throws away what is under way. */
  clear(): void {
    if (this.impairment !== null) this.drops.add(CARRIER_DOWN, this.impairment.clear());
  }

  #impair(impairment: Impairment, buf: Uint8Array, start: number, length: number, now: number): void {
    const end = start + length;
    let at = start;
    while (at < end) {
      const frame = readRecordLength(buf, at);
      if (this.#fits(buf, at, frame)) impairment.offer(buf, at, frame, now);
      else this.drops.add(PKT_TOO_BIG, 1);
      at += RECORD_HEADER + frame;
    }
    impairment.settle(now);
  }

  /** Passes the runs between frames that are too big. */
  #passFitting(buf: Uint8Array, start: number, length: number, now: number): void {
    const end = start + length;
    let at = start;
    let run = start;
    let frames = 0;
    while (at < end) {
      const frame = readRecordLength(buf, at);
      const next = at + RECORD_HEADER + frame;
      if (this.#fits(buf, at, frame)) frames++;
      else {
        this.drops.add(PKT_TOO_BIG, 1);
        if (frames > 0) this.pass(buf, run, at - run, frames, now);
        run = next;
        frames = 0;
      }
      at = next;
    }
    if (frames > 0) this.pass(buf, run, end - run, frames, now);
  }

  /** The MTU counts neither the Ethernet header nor one VLAN tag. */
  #fits(buf: Uint8Array, at: number, frame: number): boolean {
    const over = frame - this.mtu - ETH_HLEN;
    return over <= 0 || (over <= VLAN_HLEN && isVlanTagged(buf, at + RECORD_HEADER));
  }
}
