/**
 * Raw mode: one WebSocket message is one bare frame, both ways, and no word is ever said. For v86, websockproxy and
 * their kind. Who dials `/raw/LAN` has no name and no link: it is a port raw-N of the LAN
 * for as long as it is connected. (For one that has a link see raw-device.ts.)
 */
import { copyBytes } from '@etherloom/frame';
import { MAX_FRAME, MIN_FRAME, RECORD_HEADER, writeRecordHeader } from '@etherloom/transport';
import { type BlockPool, SMALL_BATCH } from './block-pool.ts';
import type { Doorbell, Flushable } from './doorbell.ts';
import { EgressQueue, type EgressSink } from './egress-queue.ts';
import { FrameSplitter } from './frame-splitter.ts';
import type { Lan } from './lan.ts';
import type { LanPort } from './lan-port.ts';
import type { RunSink } from './run-sink.ts';
import { cutRun } from './vnet-runs.ts';

export interface RawPortDeps {
  readonly blocks: BlockPool;
  readonly doorbell: Doorbell;
  readonly now: () => number;
}

export class RawPort implements RunSink, Flushable {
  rung = false;
  /** Messages too short or too long to be a frame. */
  bad = 0;
  readonly queue: EgressQueue;
  readonly #sink: EgressSink;
  readonly #deps: RawPortDeps;
  readonly #lan: Lan;
  readonly #port: LanPort;

  constructor(name: string, lan: Lan, socket: EgressSink, deps: RawPortDeps) {
    this.#sink = new FrameSplitter(socket);
    this.#deps = deps;
    this.queue = new EgressQueue(deps.blocks);
    this.#lan = lan;
    this.#port = lan.addPort(name, this);
  }

  /** One frame from the client. */
  receive(buf: Uint8Array, at: number, length: number): void {
    if (length < MIN_FRAME || length > MAX_FRAME) this.bad++;
    else {
      const { blocks, now } = this.#deps;
      const block = blocks.take(RECORD_HEADER + length <= SMALL_BATCH);
      writeRecordHeader(block.buf, 0, length);
      copyBytes(buf, at, block.buf, RECORD_HEADER, length);
      this.#port.take(block.buf, 0, RECORD_HEADER + length, 1, now(), 0);
      blocks.give(block.no);
    }
  }

  take(buf: Uint8Array, at: number, length: number, frames: number, now: number, skip: number): void {
    if (skip !== 0) {
      cutRun(buf, at, length, now, this);
      return;
    }
    this.queue.push(buf, at, length, frames, now);
    this.#deps.doorbell.ring(this);
  }

  flush(): void {
    this.queue.seal();
    this.drain();
  }

  drain(): void {
    this.queue.drain(this.#sink, this.#deps.now());
  }

  close(): void {
    this.queue.clear();
    this.#lan.removePort(this.#port);
  }
}
