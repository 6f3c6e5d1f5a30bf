/** The head of a WebSocket frame, RFC 6455 section 5.2: opcodes, lengths, writing. */

export const OP_CONTINUATION = 0;
export const OP_TEXT = 1;
export const OP_BINARY = 2;
export const OP_CLOSE = 8;
export const OP_PING = 9;
export const OP_PONG = 10;

export const FIN = 0x80;
export const RSV1 = 0x40;
export const RSV23 = 0x30;
export const MASKED = 0x80;
/** A control frame carries no more. */
export const MAX_CONTROL_PAYLOAD = 125;
export const MAX_FRAME_HEADER = 14;
export const MASK_BYTES = 4;

const LENGTH_16 = 126;
const LENGTH_64 = 127;
const TWO_32 = 2 ** 32;

/** How long a header is, by its second byte. */
export function frameHeaderLength(second: number): number {
  const length = second & 0x7f;
  const extended = length < LENGTH_16 ? 0 : length === LENGTH_16 ? 2 : 8;
  return 2 + extended + ((second & MASKED) === 0 ? 0 : MASK_BYTES);
}

/** How long the header of a payload is. */
export function headerLengthFor(payload: number, masked: boolean): number {
  const extended = payload < LENGTH_16 ? 0 : payload < 65536 ? 2 : 8;
  return 2 + extended + (masked ? MASK_BYTES : 0);
}

/** The payload's length as the header at `at` has it; it may be beyond what a number tells exactly. */
export function readFrameLength(buf: Uint8Array, at: number): number {
  const short = buf[at + 1]! & 0x7f;
  if (short < LENGTH_16) return short;
  if (short === LENGTH_16) return (buf[at + 2]! << 8) | buf[at + 3]!;
  return readUint32(buf, at + 2) * TWO_32 + readUint32(buf, at + 6);
}

function readUint32(buf: Uint8Array, at: number): number {
  return ((buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!) >>> 0;
}

/** Writes a header, without its mask; `first` is FIN and opcode. Returns where it ends. */
export function writeFrameHeader(
  buf: Uint8Array,
  at: number,
  first: number,
  payload: number,
  masked: boolean,
): number {
  const bit = masked ? MASKED : 0;
  buf[at] = first;
  if (payload < LENGTH_16) {
    buf[at + 1] = bit | payload;
    return at + 2;
  }
  if (payload < 65536) {
    buf[at + 1] = bit | LENGTH_16;
    buf[at + 2] = payload >>> 8;
    buf[at + 3] = payload;
    return at + 4;
  }
  buf[at + 1] = bit | LENGTH_64;
  buf.fill(0, at + 2, at + 6); // no payload here is longer than 4 GiB
  buf[at + 6] = payload >>> 24;
  buf[at + 7] = payload >>> 16;
  buf[at + 8] = payload >>> 8;
  buf[at + 9] = payload;
  return at + 10;
}
