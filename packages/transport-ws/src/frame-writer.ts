/**
 * Writes WebSocket frames to a socket. A batch with room before it leaves as one piece with its header, any other as
 * two that leave together; nothing is copied but what a client must mask and may not write to.
 */
import { randomFillSync } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { DirectSend } from './direct-send.ts';
import { FIN, headerLengthFor, MASK_BYTES, writeFrameHeader } from './frame-header.ts';
import { applyMask } from './mask.ts';

/**
 * A server does not mask. A client does, with random keys where its bytes might meet a proxy that takes them for HTTP,
 * and with zeros, which cost nothing, where they cannot: within TLS, to this machine, over a UNIX socket.
 */
export type Masking = 'none' | 'zero' | 'random';

const ZERO_KEY = new Uint8Array(MASK_BYTES);
/** Random keys, drawn many at a time. */
const keys = new Uint8Array(1024 * MASK_BYTES);
let keysUsed = keys.length;

export class FrameWriter {
  readonly #socket: Duplex;
  readonly #direct: DirectSend | null;
  readonly #masking: Masking;
  readonly #masked: boolean;

  constructor(socket: Duplex, masking: Masking) {
    this.#socket = socket;
    this.#direct = DirectSend.of(socket);
    this.#masking = masking;
    this.#masked = masking !== 'none';
  }

  /** A small frame, copied. */
  small(opcode: number, payload: Uint8Array, done?: () => void): void {
    const header = headerLengthFor(payload.length, this.#masked);
    const frame = Buffer.allocUnsafe(header + payload.length);
    frame.set(payload, header);
    this.#head(frame, 0, opcode, header, payload.length);
    if (done === undefined) this.#send(frame);
    else this.#socket.write(frame, done);
  }

  /**
   * Lends buf[at, at + n) until `done`; true when it has been sent already, and nobody calls `done`. With `headroom`
   * bytes before it in its memory, all of it may be written to.
   */
  lent(opcode: number, buf: Uint8Array, at: number, n: number, headroom: number, done: () => void): boolean {
    const header = headerLengthFor(n, this.#masked);
    if (header <= headroom) {
      const frame = bytesOf(buf, at - header, header + n);
      this.#head(frame, 0, opcode, header, n);
      return this.#send(frame, done);
    }
    if (this.#masking === 'random') {
      this.small(opcode, bytesOf(buf, at, n), done);
    } else {
      const head = Buffer.allocUnsafe(header);
      this.#writeHeader(head, 0, opcode, n, ZERO_KEY);
      this.#socket.cork();
      this.#socket.write(head);
      this.#socket.write(bytesOf(buf, at, n), done);
      this.#socket.uncork();
    }
    return false;
  }

  #send(frame: Buffer, done?: () => void): boolean {
    const sent = this.#direct === null ? 0 : this.#direct.send(frame);
    if (sent === frame.length) return true;
    this.#socket.write(sent === 0 ? frame : frame.subarray(sent), done);
    return false;
  }

  /** Writes the header before a payload, which it masks. */
  #head(buf: Uint8Array, at: number, opcode: number, header: number, n: number): void {
    const key = this.#masking === 'random' ? randomKey() : ZERO_KEY;
    this.#writeHeader(buf, at, opcode, n, key);
    if (key !== ZERO_KEY) applyMask(buf, at + header, n, key, 0);
  }

  #writeHeader(buf: Uint8Array, at: number, opcode: number, n: number, key: Uint8Array): void {
    const end = writeFrameHeader(buf, at, FIN | opcode, n, this.#masked);
    if (this.#masked) buf.set(key, end);
  }
}

function randomKey(): Uint8Array {
  if (keysUsed === keys.length) {
    randomFillSync(keys);
    keysUsed = 0;
  }
  keysUsed += MASK_BYTES;
  return keys.subarray(keysUsed - MASK_BYTES, keysUsed);
}

function bytesOf(buf: Uint8Array, at: number, n: number): Buffer {
  return Buffer.from(buf.buffer, buf.byteOffset + at, n);
}
