/**
 * Raw mode: one WebSocket message is one bare frame, both ways, and no word is ever said. For v86, websockproxy and
 * their kind. Such a client has no name and no link: it is a port raw-N of the LAN for as long as it is connected.
 */
import { copyBytes } from '@etherloom/frame';
import {
  MAX_FRAME,
  MIN_FRAME,
  RECORD_HEADER,
  readRecordLength,
  writeRecordHeader,
} from '@etherloom/transport';
import type { Doorbell, Flushable } from './doorbell.ts';
import { EgressQueue, type EgressSink } from './egress-queue.ts';
import type { Lan } from './lan.ts';
import type { LanPort } from './lan-port.ts';
import type { RunSink } from './run-sink.ts';

export interface RawPortDeps {
  readonly doorbell: Doorbell;
  readonly now: () => number;
}

export class RawPort implements RunSink, Flushable {
  rung = false;
  /** Messages too short or too long to be a frame. */
  bad = 0;
  readonly queue = new EgressQueue();
  readonly #sink: EgressSink;
  readonly #deps: RawPortDeps;
  readonly #lan: Lan;
  readonly #port: LanPort;

  constructor(name: string, lan: Lan, socket: EgressSink, deps: RawPortDeps) {
    this.#sink = new FrameSplitter(socket);
    this.#deps = deps;
    this.#lan = lan;
    this.#port = lan.addPort(name, this);
  }

  /** One frame from the client. */
  receive(buf: Uint8Array, at: number, length: number): void {
    if (length < MIN_FRAME || length > MAX_FRAME) this.bad++;
    else {
      const record = Buffer.allocUnsafe(RECORD_HEADER + length);
      writeRecordHeader(record, 0, length);
      copyBytes(buf, at, record, RECORD_HEADER, length);
      this.#port.take(record, 0, record.length, 1, this.#deps.now());
    }
  }

  take(buf: Uint8Array, at: number, length: number, frames: number, now: number): void {
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

/** Sends each record of a batch as a message of its own. */
class FrameSplitter implements EgressSink {
  readonly #socket: EgressSink;

  constructor(socket: EgressSink) {
    this.#socket = socket;
  }

  get pending(): number {
    return this.#socket.pending;
  }

  send(buf: Uint8Array, offset: number, length: number): boolean {
    const end = offset + length;
    let open = true;
    for (let at = offset; at < end; ) {
      const frame = readRecordLength(buf, at);
      open = this.#socket.send(buf, at + RECORD_HEADER, frame);
      at += RECORD_HEADER + frame;
    }
    return open;
  }
}
