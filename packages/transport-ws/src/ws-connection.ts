/**
 * One end of a WebSocket on a socket that has been upgraded: frames both ways, pings answered, the closing handshake.
 * Bad input closes it with a code and a reason; it never throws. What messages hold is its user's business.
 */
import { isUtf8 } from 'node:buffer';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { closeReason } from './close-reason.ts';
import { CodedError } from './coded-error.ts';
import { OP_BINARY, OP_CLOSE, OP_PING, OP_PONG, OP_TEXT } from './frame-header.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { FrameWriter, type Masking } from './frame-writer.ts';
import { CLOSE_TIMEOUT, MAX_DATA_PAYLOAD } from './limits.ts';
import { receiveInto } from './receive-buffer.ts';
import { noteTraffic } from './scheduling.ts';

const NO_STATUS = 1005;
const ABNORMAL = 1006;
const EMPTY = new Uint8Array(0);
/** A peer that pings faster than it reads is answered as often as this much is on its way to it, no more. */
const MAX_PONG_BACKLOG = 64 * 1024;

const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
const DETACHED = 4;

export interface ConnectionUser {
  /** Bytes have come, of whatever kind. */
  heard(): void;
  /** Bytes of a message, text or binary, lent for the call. Only while it is open. */
  payload(opcode: number, buf: Uint8Array, at: number, n: number): void;
  messageEnd(opcode: number): void;
  /** The peer broke the protocol and has been told so; `closed` follows. */
  refused(): void;
  /** Once. Nothing follows. */
  closed(code: number, reason: string): void;
}

/** A connection whose WebSocket is to go on elsewhere. */
export interface DetachedSocket {
  readonly socket: Duplex;
  /** What has been read of it and not been used. */
  readonly head: Uint8Array;
}

export class WsConnection implements FrameSink {
  readonly #user: ConnectionUser;
  /** As it was given, and as it is used: see receiveInto. */
  readonly #given: Duplex;
  readonly #socket: Duplex;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  // What is being read; before the first read, what came with the upgrade.
  #buf: Uint8Array;
  #end: number;
  #headRead = false;
  #state = OPEN;
  #code = ABNORMAL;
  #reason = '';
  #fault: { readonly code: number; readonly reason: string } | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #onEnd = () => this.#ended();
  readonly #onClose = () => this.#closed();
  readonly #onError = () => {}; // `close` follows

  /** `head` is what came with the upgrade already; nothing is handed on before the next tick. */
  constructor(socket: Duplex, head: Uint8Array, masking: Masking, user: ConnectionUser) {
    this.#user = user;
    this.#given = socket;
    this.#buf = head;
    this.#end = head.length;
    this.#reader = new FrameReader(this, masking === 'none', MAX_DATA_PAYLOAD);
    process.nextTick(() => this.#readHead());
    if (socket instanceof Socket) socket.setTimeout(0).setNoDelay(true);
    this.#socket = receiveInto(socket, (buf, at, end) => {
      if (!this.#headRead) this.#readHead();
      this.#read(buf, at, end);
    });
    this.#writer = new FrameWriter(this.#socket, masking);
    this.#socket.on('end', this.#onEnd);
    this.#socket.on('close', this.#onClose);
    this.#socket.on('error', this.#onError);
  }

  get open(): boolean {
    return this.#state === OPEN;
  }

  get paused(): boolean {
    return this.#socket.isPaused();
  }

  /** Bytes that the operating system has not taken yet. */
  get unsent(): number {
    return this.#socket.writableLength;
  }

  sendText(text: string): void {
    if (this.open) this.#writer.small(OP_TEXT, Buffer.from(text));
  }

  /** Lends bytes as one binary message until `done`, as FrameWriter.lent. */
  sendBinary(buf: Uint8Array, at: number, n: number, headroom: number, done: () => void): boolean {
    noteTraffic(n);
    return this.#writer.lent(OP_BINARY, buf, at, n, headroom, done);
  }

  ping(): void {
    if (this.open) this.#writer.small(OP_PING, EMPTY);
  }

  pause(): void {
    if (this.open) this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Says goodbye after what was sent so far; the connection is gone within 3 s whatever the peer does. */
  close(code: number, reason: string): void {
    if (this.#state !== OPEN) return;
    this.#state = CLOSING;
    this.#writer.small(OP_CLOSE, closePayload(code, reason));
    this.#timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT);
    this.#socket.resume(); // the peer's answer is waited for
  }

  /** Closes for what the peer did: this code and reason stand, whatever it answers. */
  refuse(code: number, reason: string): void {
    if (this.#state !== OPEN) return;
    this.#fault = { code, reason };
    this.close(code, reason);
  }

  terminate(): void {
    this.#socket.destroy();
  }

  /**
   * Reads no more and gives the socket back, with what has been read and not been used: `partial` of the message that
   * is open, and all behind it. Whoever goes on gives both to another connection. Not from inside payload().
   */
  detach(partial: Uint8Array): DetachedSocket {
    if (this.#state !== OPEN)
      throw new CodedError('ENOTCONN', 'a connection that closes cannot go on elsewhere');
    if (this.unsent > 0)
      throw new CodedError('EBUSY', 'there are bytes on their way; detach once all is sent');
    this.#state = DETACHED;
    this.#reader.stop();
    const socket = this.#socket;
    socket.pause();
    socket.off('end', this.#onEnd).off('close', this.#onClose).off('error', this.#onError);
    socket.removeAllListeners('data');
    const head = Buffer.concat([this.#reader.rest(partial), this.#buf.subarray(this.#reader.at, this.#end)]);
    if (socket !== this.#given) this.#given.destroy(); // it has no connection any more
    return { socket, head };
  }

  // What the reader finds.

  payload(opcode: number, buf: Uint8Array, at: number, n: number): void {
    if (this.#state === OPEN) this.#user.payload(opcode, buf, at, n);
  }

  messageEnd(opcode: number): void {
    if (this.#state === OPEN) this.#user.messageEnd(opcode);
  }

  control(opcode: number, buf: Uint8Array, length: number): void {
    if (opcode === OP_CLOSE) this.#closing(buf, length);
    else if (opcode === OP_PING && this.#state === OPEN && this.unsent < MAX_PONG_BACKLOG) {
      this.#writer.small(OP_PONG, buf.subarray(0, length));
    }
  }

  fault(code: number, reason: string): void {
    this.#reader.end();
    if (this.#state === OPEN) {
      this.refuse(code, reason);
      this.#user.refused();
    }
    this.#socket.end();
  }

  #readHead(): void {
    if (this.#headRead) return;
    this.#headRead = true;
    this.#read(this.#buf, 0, this.#end);
  }

  #read(buf: Uint8Array, at: number, end: number): void {
    if (this.#state === DETACHED || at === end) return;
    this.#buf = buf;
    this.#end = end;
    this.#user.heard();
    this.#reader.read(buf, at, end);
    if (this.#state === DETACHED) return;
    this.#buf = EMPTY;
    this.#end = 0;
    this.#reader.at = 0;
  }

  #closing(buf: Uint8Array, length: number): void {
    const code = length === 0 ? NO_STATUS : (buf[0]! << 8) | buf[1]!;
    const reason = buf.subarray(2, Math.max(2, length));
    if (!isValidCode(code, length)) this.fault(1002, `Invalid WebSocket frame: invalid status code ${code}`);
    else if (!isUtf8(reason)) this.fault(1007, 'Invalid WebSocket frame: invalid UTF-8 sequence');
    else {
      this.#code = code;
      this.#reason = Buffer.from(reason).toString();
      this.#reader.end();
      this.close(code, this.#reason);
      this.#socket.end();
    }
  }

  #ended(): void {
    if (this.#state === OPEN) this.#state = CLOSING;
    this.#socket.end();
  }

  #closed(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#state = CLOSED;
    this.#reader.end();
    this.#user.closed(this.#fault?.code ?? this.#code, this.#fault?.reason ?? this.#reason);
  }
}

function closePayload(code: number, reason: string): Uint8Array {
  if (code === NO_STATUS) return EMPTY;
  const text = Buffer.from(closeReason(reason));
  const payload = Buffer.allocUnsafe(2 + text.length);
  payload.writeUInt16BE(code);
  payload.set(text, 2);
  return payload;
}

/** Whether a peer may say this code: section 7.4 of RFC 6455. */
function isValidCode(code: number, length: number): boolean {
  if (length === 0 || (code >= 3000 && code <= 4999)) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== NO_STATUS && code !== ABNORMAL;
}
