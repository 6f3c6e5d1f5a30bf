/**
 * Takes WebSocket frames out of a stream of bytes, whatever pieces it comes in, and hands their payload on as it
 * arrives: unmasked in place, never joined, never kept. Only a header that spans two pieces and control frames are
 * gathered, in a few bytes of its own. What is wrong with a frame is told in the words and codes of `ws`.
 */
import {
  FIN,
  frameHeaderLength,
  headerLengthFor,
  MASK_BYTES,
  MASKED,
  MAX_CONTROL_PAYLOAD,
  MAX_FRAME_HEADER,
  OP_BINARY,
  OP_CLOSE,
  OP_CONTINUATION,
  OP_PONG,
  OP_TEXT,
  RSV1,
  RSV23,
  readFrameLength,
  writeFrameHeader,
} from './frame-header.ts';
import { MAX_FRAGMENTS } from './limits.ts';
import { applyMask, rotateMask } from './mask.ts';

export interface FrameSink {
  /** Bytes of a message, text or binary, lent for the call. */
  payload(opcode: number, buf: Uint8Array, at: number, n: number): void;
  messageEnd(opcode: number): void;
  /** A whole close, ping or pong, lent for the call. */
  control(opcode: number, buf: Uint8Array, length: number): void;
  /** The stream is no WebSocket any more; nothing of it is read from here on. */
  fault(code: number, reason: string): void;
}

/** No message is open: continuation is no message's opcode. */
const NONE = OP_CONTINUATION;

export class FrameReader {
  /** How far read() has come: in a call of the sink, behind the bytes it is about. */
  at = 0;
  readonly #sink: FrameSink;
  readonly #masked: boolean;
  readonly #maxMessage: number;
  /** A header of which not all is here. */
  readonly #head = new Uint8Array(MAX_FRAME_HEADER);
  #headLength = 0;
  // The frame being read: its first byte, what is still to come of it, its mask and how far that is used.
  #inFrame = false;
  #first = 0;
  #left = 0;
  readonly #key = new Uint8Array(MASK_BYTES);
  #zeroKey = true;
  #phase = 0;
  readonly #control = new Uint8Array(MAX_CONTROL_PAYLOAD);
  #controlLength = 0;
  // The message being read: its opcode, its length so far and its frames.
  #message = NONE;
  #messageLength = 0;
  #fragments = 0;
  #stopped = false;
  #dead = false;

  /** `masked`: whether the far end must mask, as a client must. */
  constructor(sink: FrameSink, masked: boolean, maxMessage: number) {
    this.#sink = sink;
    this.#masked = masked;
    this.#maxMessage = maxMessage;
  }

  /** Reads buf[at, end), which may be changed, to its end or until stop() or end() is called. */
  read(buf: Uint8Array, at: number, end: number): void {
    this.at = at;
    this.#stopped = false;
    while (this.at < end && !this.#stopped && !this.#dead) {
      if (this.#inFrame) this.#readPayload(buf, end);
      else this.#readHeader(buf, end);
    }
  }

  /** From inside a call of the sink: read() goes no further. */
  stop(): void {
    this.#stopped = true;
  }

  /** Reads nothing more, for good. */
  end(): void {
    this.#dead = true;
  }

  /**
   * What another reader must be given first to go on where this one stands: an open frame or message is begun anew,
   * with `partial`, what its sink has been given of the message and not used yet.
   */
  rest(partial: Uint8Array): Uint8Array {
    const open = this.#message !== NONE && !(this.#inFrame && !this.#isControl);
    const parts: Uint8Array[] = [];
    if (open) parts.push(this.#frameOf(this.#message, partial, 0));
    if (this.#inFrame && this.#isControl) {
      parts.push(this.#frameOf(this.#first, this.#control.subarray(0, this.#controlLength), this.#left));
    } else if (this.#inFrame) {
      const first = (this.#first & FIN) | this.#message;
      parts.push(this.#frameOf(first, partial, this.#left));
    }
    parts.push(this.#head.subarray(0, this.#headLength));
    return Buffer.concat(parts);
  }

  /** The beginning of a frame with these bytes and `left` to come, in the mask that those are in. */
  #frameOf(first: number, bytes: Uint8Array, left: number): Uint8Array {
    const payload = bytes.length + left;
    const header = headerLengthFor(payload, this.#masked);
    const frame = new Uint8Array(header + bytes.length);
    writeFrameHeader(frame, 0, first, payload, this.#masked);
    frame.set(bytes, header);
    if (!this.#masked || left === 0) return frame; // without bytes to come any mask will do: that of zeros
    const key = frame.subarray(header - MASK_BYTES, header);
    rotateMask(this.#key, this.#phase + MASK_BYTES - (bytes.length & 3), key);
    applyMask(frame, header, bytes.length, key, 0);
    return frame;
  }

  #readHeader(buf: Uint8Array, end: number): void {
    const at = this.at;
    if (this.#headLength > 0 || end - at < MAX_FRAME_HEADER) {
      this.#gatherHeader(buf, end);
    } else if (this.#checkStart(buf[at]!, buf[at + 1]!)) {
      this.at += frameHeaderLength(buf[at + 1]!);
      this.#begin(buf, at);
    }
  }

  #gatherHeader(buf: Uint8Array, end: number): void {
    const head = this.#head;
    while (this.at < end) {
      head[this.#headLength++] = buf[this.at++]!;
      if (this.#headLength < 2) continue;
      if (this.#headLength === 2 && !this.#checkStart(head[0]!, head[1]!)) return;
      if (this.#headLength < frameHeaderLength(head[1]!)) continue;
      this.#headLength = 0;
      this.#begin(head, 0);
      return;
    }
  }

  /** Begins the frame whose whole header is at buf[at]. */
  #begin(buf: Uint8Array, at: number): void {
    const first = buf[at]!;
    const length = readFrameLength(buf, at);
    this.#inFrame = true;
    this.#first = first;
    this.#left = length;
    this.#phase = 0;
    if (this.#masked) this.#setKey(buf, at + frameHeaderLength(buf[at + 1]!) - MASK_BYTES);
    if (this.#isControl) this.#controlLength = 0;
    else if (!this.#beginData(first & 0xf, length)) return;
    if (length === 0) this.#endFrame();
  }

  #beginData(opcode: number, length: number): boolean {
    if (opcode !== OP_CONTINUATION) this.#message = opcode;
    this.#messageLength += length;
    if (this.#messageLength > this.#maxMessage) return this.#fault(1009, 'Max payload size exceeded');
    if (++this.#fragments > MAX_FRAGMENTS) return this.#fault(1008, 'Too many message fragments');
    return true;
  }

  #setKey(buf: Uint8Array, at: number): void {
    const key = this.#key;
    for (let i = 0; i < MASK_BYTES; i++) key[i] = buf[at + i]!;
    this.#zeroKey = (key[0]! | key[1]! | key[2]! | key[3]!) === 0;
  }

  get #isControl(): boolean {
    return (this.#first & OP_CLOSE) !== 0;
  }

  #readPayload(buf: Uint8Array, end: number): void {
    const at = this.at;
    const n = Math.min(this.#left, end - at);
    if (!this.#zeroKey) applyMask(buf, at, n, this.#key, this.#phase);
    this.#phase = (this.#phase + n) & 3;
    this.#left -= n;
    this.at = at + n;
    if (this.#isControl) {
      for (let i = at; i < at + n; i++) this.#control[this.#controlLength++] = buf[i]!;
    } else this.#sink.payload(this.#message, buf, at, n);
    if (this.#left === 0) this.#endFrame();
  }

  #endFrame(): void {
    this.#inFrame = false;
    const first = this.#first;
    if (this.#isControl) this.#sink.control(first & 0xf, this.#control, this.#controlLength);
    else if ((first & FIN) !== 0) {
      const opcode = this.#message;
      this.#message = NONE;
      this.#messageLength = 0;
      this.#fragments = 0;
      this.#sink.messageEnd(opcode);
    }
  }

  /** Checks what the first two bytes of a frame tell. */
  #checkStart(first: number, second: number): boolean {
    if ((first & RSV23) !== 0) return this.#invalid('RSV2 and RSV3 must be clear');
    if ((first & RSV1) !== 0) return this.#invalid('RSV1 must be clear');
    const opcode = first & 0xf;
    if (!this.#opcodeFits(opcode)) return this.#invalid(`invalid opcode ${opcode}`);
    if (opcode >= OP_CLOSE) {
      if ((first & FIN) === 0) return this.#invalid('FIN must be set');
      const length = second & 0x7f;
      if (length > MAX_CONTROL_PAYLOAD || (opcode === OP_CLOSE && length === 1)) {
        return this.#invalid(`invalid payload length ${length}`);
      }
    }
    if (this.#masked === ((second & MASKED) !== 0)) return true;
    return this.#invalid(this.#masked ? 'MASK must be set' : 'MASK must be clear');
  }

  /** A continuation continues something, and nothing else begins before its end. */
  #opcodeFits(opcode: number): boolean {
    if (opcode === OP_CONTINUATION) return this.#message !== NONE;
    if (opcode === OP_TEXT || opcode === OP_BINARY) return this.#message === NONE;
    return opcode >= OP_CLOSE && opcode <= OP_PONG;
  }

  #invalid(what: string): boolean {
    return this.#fault(1002, `Invalid WebSocket frame: ${what}`);
  }

  #fault(code: number, reason: string): boolean {
    this.#dead = true;
    this.#sink.fault(code, reason);
    return false;
  }
}
