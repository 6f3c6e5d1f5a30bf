/**
 * One end of a data channel on an open WebSocket: batches and control messages both ways, in order.
 *
 * Sending copies nothing: bytes are lent until `onsent`. Nothing here queues without bound by itself: who sends looks
 * at `pending`. Bad input closes the channel with a code and a reason; it never throws.
 */

import type { DataFromNode, DataFromSwitch } from '@etherloom/schema';
import { BATCH_TOO_LONG, batchErrorText, countRecords, countVnetRecords } from '@etherloom/transport';
import type { RawData, WebSocket } from 'ws';
import { closeReason } from './close-reason.ts';
import type { DataMessage, ReadMessage } from './data-messages.ts';
import { Heartbeat } from './heartbeat.ts';
import { MAX_CONTROL_TEXT } from './limits.ts';

/** The close codes that ws sends for what its receiver refuses. */
const FAULT_CODES: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_EXPECTED_FIN: 1002,
  WS_ERR_EXPECTED_MASK: 1002,
  WS_ERR_INVALID_CLOSE_CODE: 1002,
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: 1002,
  WS_ERR_INVALID_OPCODE: 1002,
  WS_ERR_UNEXPECTED_MASK: 1002,
  WS_ERR_UNEXPECTED_RSV_1: 1002,
  WS_ERR_UNEXPECTED_RSV_2_3: 1002,
};

export interface DataSocketOptions<In> {
  /** Parses and validates a text of the far end. */
  readonly read: ReadMessage<In>;
  /** One message is one frame, and no text is ever sent or taken. */
  readonly raw?: boolean;
}

/** As a switch has it; a node's end hears a switch and speaks as a node. */
export class DataSocket<In extends DataMessage = DataFromNode, Out extends DataMessage = DataFromSwitch> {
  /** `frames` valid records (raw: one frame). The bytes are lent for the call: who keeps any copies them. */
  onmessage: ((buf: Uint8Array, offset: number, length: number, frames: number) => void) | null = null;
  oncontrol: ((message: In) => void) | null = null;
  /** Once, after every loan has been returned. */
  onclose: ((code: number, reason: string) => void) | null = null;
  /** Bytes lent with a token >= 0 have been written or given up. */
  onsent: ((token: number) => void) | null = null;
  /** `pending` has fallen; at most once a turn and message. */
  ondrain: (() => void) | null = null;

  readonly raw: boolean;
  /** Bytes handed to send() that the operating system has not taken yet. */
  pending = 0;
  /** Both ends agreed on super-frames (FEATURE_VNET); set before the first batch. */
  vnet = false;
  /** Messages received that were no batch. */
  badMessages = 0;

  readonly #ws: WebSocket;
  readonly #read: ReadMessage<In>;
  readonly #heartbeat: Heartbeat;
  readonly #loans: number[] = []; // token, length, token, length ... in the order of sending
  readonly #written = () => this.#onWritten();
  #closed = false;
  #fault: { readonly code: number; readonly reason: string } | null = null;

  constructor(ws: WebSocket, options: DataSocketOptions<In>) {
    this.#ws = ws;
    this.#read = options.read;
    this.raw = options.raw ?? false;
    this.#heartbeat = new Heartbeat(ws, () => this.#lost());
    ws.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    ws.on('close', (code, reason) => this.#onClose(code, reason.toString()));
    ws.on('error', (err) => this.#onFault(err)); // `close` follows
  }

  get open(): boolean {
    return !this.#closed && this.#ws.readyState === this.#ws.OPEN;
  }

  /**
   * Lends whole records (raw: one frame) as one message; `headroom` bytes before them too, which may be written.
   * Dropped without a word when the channel is not open.
   */
  send(buf: Uint8Array, offset: number, length: number, token = -1, _headroom = 0): boolean {
    if (!this.open) return false;
    this.#loans.push(token, length);
    this.pending += length;
    this.#ws.send(buf.subarray(offset, offset + length), this.#written);
    return true;
  }

  control(message: Out): void {
    if (this.open && !this.raw) this.#ws.send(JSON.stringify(message));
  }

  /** Says goodbye after what was sent so far; the connection is gone within 3 s whatever the peer does. */
  close(code = 1000, reason = ''): void {
    this.#ws.close(code, closeReason(reason));
  }

  /** Drops the connection at once. */
  terminate(): void {
    this.#ws.terminate();
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#closed || this.#ws.readyState !== this.#ws.OPEN) return;
    this.#heartbeat.heard();
    const bytes = data as Buffer;
    if (!isBinary) this.#onText(bytes);
    else if (this.raw) this.onmessage?.(bytes, 0, bytes.length, 1);
    else this.#onBatch(bytes);
  }

  #onBatch(bytes: Buffer): void {
    const { length } = bytes;
    const frames = this.vnet ? countVnetRecords(bytes, 0, length) : countRecords(bytes, 0, length);
    if (frames > 0) this.onmessage?.(bytes, 0, bytes.length, frames);
    else this.#refuse(frames === BATCH_TOO_LONG ? 1009 : 1007, `bad batch: ${batchErrorText(frames)}`);
  }

  #onText(bytes: Buffer): void {
    if (this.raw) this.#refuse(1003, 'a raw port takes binary messages only');
    else if (bytes.length > MAX_CONTROL_TEXT) this.#refuse(1009, 'control message too long');
    else {
      const message = this.#read(bytes.toString());
      if (typeof message === 'string') this.#refuse(1007, `bad control message: ${message}`);
      else this.oncontrol?.(message);
    }
  }

  /** The far end broke the protocol; ws has told it so with this code, and will report a mere 1006 to us. */
  #onFault(err: Error & { code?: string }): void {
    const code = FAULT_CODES[err.code ?? ''];
    if (code === undefined) return;
    this.badMessages++;
    this.#fault = { code, reason: err.message };
  }

  #refuse(code: number, reason: string): void {
    this.badMessages++;
    this.#fault = { code, reason };
    this.close(code, reason);
  }

  #onWritten(): void {
    if (this.#closed) return;
    const token = this.#loans.shift()!;
    this.pending -= this.#loans.shift()!;
    if (token >= 0) this.onsent?.(token);
    this.ondrain?.();
  }

  #lost(): void {
    this.#ws.terminate();
  }

  #onClose(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#heartbeat.stop();
    this.pending = 0;
    const loans = this.#loans.splice(0);
    for (let i = 0; i < loans.length; i += 2) if (loans[i]! >= 0) this.onsent?.(loans[i]!);
    this.onclose?.(this.#fault?.code ?? code, this.#fault?.reason ?? reason);
  }
}
