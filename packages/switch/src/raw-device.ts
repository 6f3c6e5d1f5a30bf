/**
 * A raw client as the device at the end of a link, `raw:vm1` for who dials `/raw/raw:vm1`: so that a browser VM has a
 * link of its own, with an MTU, a carrier that others see, and impairments. It looks to the rest of the switch like
 * the socket of a device; what such a socket would say, this says for it.
 */
import process from 'node:process';
import { copyBytes } from '@etherloom/frame';
import type { DataFromNode, DataFromSwitch, DataHello } from '@etherloom/schema';
import { countRecords, MAX_FRAME, MIN_FRAME, RECORD_HEADER, writeRecordHeader } from '@etherloom/transport';
import type { RawSocket } from './data-door.ts';
import type { SessionSocket } from './data-session.ts';
import { FrameSplitter } from './frame-splitter.ts';

/** Where a frame becomes a record; lent for the call, and one call at a time. */
const record = new Uint8Array(RECORD_HEADER + MAX_FRAME);
let epochs = 0;

export class RawDevice implements SessionSocket {
  /** Never super-frames. */
  vnet = false;
  onmessage: SessionSocket['onmessage'] = null;
  oncontrol: SessionSocket['oncontrol'] = null;
  onclose: SessionSocket['onclose'] = null;
  ondrain: SessionSocket['ondrain'] = null;
  onsent: SessionSocket['onsent'] = null;
  /** Frames of the client, and to it. What is no frame is neither. */
  #tx = 0;
  #rx = 0;
  readonly #socket: RawSocket;
  readonly #splitter: FrameSplitter;

  constructor(socket: RawSocket) {
    this.#socket = socket;
    this.#splitter = new FrameSplitter(socket);
    socket.onmessage = (buf, at, length) => this.#receive(buf, at, length);
    socket.onclose = (code, reason) => this.onclose?.(code, reason);
    socket.ondrain = () => this.ondrain?.();
    socket.onsent = (block) => this.onsent?.(block);
  }

  /** The hello that it would say; another incarnation each time it dials. */
  hello(name: string): DataHello {
    const epoch = `raw-${process.pid}-${++epochs}`;
    const { tx, rx } = { tx: this.#tx, rx: this.#rx };
    const mac = '02:00:00:00:00:00';
    return {
      type: 'hello',
      node: 'raw',
      device: name,
      mac,
      mtu: 65535,
      epoch,
      tx,
      rx,
      up: true,
      features: [],
    };
  }

  get pending(): number {
    return this.#socket.pending;
  }

  get idle(): boolean {
    return this.#socket.idle ?? true;
  }

  send(buf: Uint8Array, offset: number, length: number, token: number): boolean {
    this.#rx += countRecords(buf, offset, length);
    return this.#splitter.send(buf, offset, length, token);
  }

  /** It hears no word; a mark is answered at once, for nothing that was sent before can be lost but with the socket. */
  control(message: DataFromSwitch): void {
    if (message.type !== 'mark') return;
    const answer: DataFromNode = { type: 'mark', id: message.id, tx: this.#tx, rx: this.#rx };
    queueMicrotask(() => this.oncontrol?.(answer));
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  pause(): void {
    this.#socket.pause?.();
  }

  resume(): void {
    this.#socket.resume?.();
  }

  #receive(buf: Uint8Array, at: number, length: number): void {
    if (length < MIN_FRAME || length > MAX_FRAME) return;
    this.#tx++;
    writeRecordHeader(record, 0, length);
    copyBytes(buf, at, record, RECORD_HEADER, length);
    this.onmessage?.(record, 0, RECORD_HEADER + length, 1);
  }
}
