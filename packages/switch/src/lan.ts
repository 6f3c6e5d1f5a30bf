/**
 * A LAN: a learning bridge and its ports. `forward` is where every frame of a LAN passes: a batch is walked once, and
 * consecutive frames with one destination leave as one run. Where hardly any two are for one port, they are sorted.
 */

import { Bridge, isFlood } from '@etherloom/bridge';
import { NetError } from '@etherloom/netcore';
import { RECORD_HEADER, readRecordLength, recordFrames } from '@etherloom/transport';
import { LanPort } from './lan-port.ts';
import type { RunSink } from './run-sink.ts';
import { RunSorter } from './run-sorter.ts';

/** After this many runs of so few bytes on average the rest of a batch is sorted. */
const SHORT_RUNS = 8;
const SHORT_BYTES = 256;
/** One for all LANs of a process: it is empty between two batches. */
const sorter = new RunSorter();
/** No verdict is 0: ports are counted from 1. */
const NO_VERDICT = 0;

export class Lan {
  readonly name: string;
  readonly bridge = new Bridge();
  /** Who must know when the LAN is gone. */
  readonly onremoved = new Set<() => void>();
  /** By number; a hole is null. */
  readonly #ports: (LanPort | null)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Milliseconds. */
  set ageing(ms: number) {
    this.bridge.fdb.ageing = ms;
  }

  get ageing(): number {
    return this.bridge.fdb.ageing;
  }

  addPort(endpoint: string, out: RunSink, link?: string): LanPort {
    const port = new LanPort(this, this.bridge.addPort(), endpoint, out, link);
    this.#ports[port.bridgePort.no] = port;
    return port;
  }

  removePort(port: LanPort): void {
    this.bridge.removePort(port.bridgePort);
    this.#ports[port.bridgePort.no] = null;
  }

  ports(): LanPort[] {
    return this.#ports.filter((port) => port != null);
  }

  port(no: number): LanPort {
    const port = this.#ports[no];
    if (port == null) throw new NetError('ENODEV', `LAN ${this.name} has no port ${no}`);
    return port;
  }

  portOf(endpoint: string): LanPort {
    const port = this.ports().find((p) => p.endpoint === endpoint);
    if (port === undefined)
      throw new NetError('ENODEV', `nothing called ${endpoint} is plugged into LAN ${this.name}`);
    return port;
  }

  /** Forwards a run that came in by `from`. */
  forward(from: LanPort, buf: Uint8Array, start: number, length: number, now: number, skip: number): void {
    if (skip !== 0) {
      this.#forwardVnet(from, buf, start, length, now, skip);
      return;
    }
    const bridge = this.bridge;
    const port = from.bridgePort;
    const end = start + length;
    let run = start;
    let frames = 0;
    let verdict = NO_VERDICT;
    let at = start;
    let runs = 0;
    while (at < end) {
      const frame = readRecordLength(buf, at);
      const next = bridge.decide(port, buf, at + RECORD_HEADER, frame, now);
      if (next !== verdict) {
        if (frames > 0) this.#deliver(from, verdict, buf, run, at - run, frames, now, 0);
        if (++runs > SHORT_RUNS && at - start < SHORT_RUNS * SHORT_BYTES && !sorter.busy) {
          this.#forwardSorted(from, buf, at, end, now, next);
          return;
        }
        verdict = next;
        run = at;
        frames = 0;
      }
      frames++;
      at += RECORD_HEADER + frame;
    }
    if (frames > 0) this.#deliver(from, verdict, buf, run, end - run, frames, now, 0);
  }

  /** The same where hardly two frames that follow each other leave by one port. Floods keep their place. */
  #forwardSorted(
    from: LanPort,
    buf: Uint8Array,
    start: number,
    end: number,
    now: number,
    first: number,
  ): void {
    sorter.busy = true;
    let verdict = first;
    let at = start;
    for (;;) {
      const size = RECORD_HEADER + readRecordLength(buf, at);
      if (verdict <= 0 || !sorter.takes(size)) this.#emitSorted(buf, now);
      if (verdict > 0) sorter.add(verdict, at, size);
      else this.#deliver(from, verdict, buf, at, size, 1, now, 0);
      at += size;
      if (at >= end) break;
      verdict = this.bridge.decide(from.bridgePort, buf, at + RECORD_HEADER, readRecordLength(buf, at), now);
    }
    this.#emitSorted(buf, now);
    sorter.busy = false;
  }

  #emitSorted(buf: Uint8Array, now: number): void {
    sorter.sort(buf);
    for (let i = 0; i < sorter.ports; i++)
      this.#ports[sorter.port(i)]!.emit(sorter.buf, sorter.at(i), sorter.bytes(i), sorter.frames(i), now, 0);
    sorter.clear();
  }

  /** The same where a header lies before each frame. A loop of its own, so that the other pays one comparison a run. */
  #forwardVnet(
    from: LanPort,
    buf: Uint8Array,
    start: number,
    length: number,
    now: number,
    skip: number,
  ): void {
    const end = start + length;
    let run = start;
    let frames = 0;
    let verdict = NO_VERDICT;
    let at = start;
    while (at < end) {
      const record = readRecordLength(buf, at);
      const next = this.bridge.decide(from.bridgePort, buf, at + RECORD_HEADER + skip, record - skip, now);
      if (next !== verdict) {
        if (frames > 0) this.#deliver(from, verdict, buf, run, at - run, frames, now, skip);
        verdict = next;
        run = at;
        frames = 0;
      }
      frames += recordFrames(buf, at, record, skip);
      at += RECORD_HEADER + record;
    }
    if (frames > 0) this.#deliver(from, verdict, buf, run, end - run, frames, now, skip);
  }

  #deliver(
    from: LanPort,
    verdict: number,
    buf: Uint8Array,
    at: number,
    length: number,
    frames: number,
    now: number,
    skip: number,
  ): void {
    if (verdict > 0) this.#ports[verdict]!.emit(buf, at, length, frames, now, skip);
    else if (isFlood(verdict)) this.#flood(from, verdict, buf, at, length, frames, now, skip);
    else from.drops[~verdict]! += frames;
  }

  /** Every port is lent the same bytes. */
  #flood(
    from: LanPort,
    verdict: number,
    buf: Uint8Array,
    at: number,
    length: number,
    frames: number,
    now: number,
    skip: number,
  ): void {
    for (const to of this.#ports) {
      if (to == null) continue;
      if (this.bridge.delivers(from.bridgePort, to.bridgePort, verdict))
        to.emit(buf, at, length, frames, now, skip);
    }
  }
}
