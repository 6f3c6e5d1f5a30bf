/** The mask of RFC 6455 section 5.3, applied in place, four bytes at a time. A mask of zeros changes nothing: skip it. */

const rotated = new Uint8Array(4);
const word = new Int32Array(rotated.buffer);
/** Shorter than this it is not worth a view. */
const WORDS_PAY = 32;

/** XORs buf[at, at + n) with the key, of which `phase` bytes have been used. */
export function applyMask(buf: Uint8Array, at: number, n: number, key: Uint8Array, phase: number): void {
  const end = at + n;
  let i = at;
  if (n >= WORDS_PAY) {
    while (((buf.byteOffset + i) & 3) !== 0) i = maskByte(buf, i, at, key, phase);
    i = maskWords(buf, i, end, key, phase + i - at);
  }
  while (i < end) i = maskByte(buf, i, at, key, phase);
}

function maskByte(buf: Uint8Array, i: number, at: number, key: Uint8Array, phase: number): number {
  buf[i] = buf[i]! ^ key[(phase + i - at) & 3]!;
  return i + 1;
}

/** From an aligned place on; returns where whole words end. */
function maskWords(buf: Uint8Array, from: number, end: number, key: Uint8Array, phase: number): number {
  rotateMask(key, phase, rotated);
  const mask = word[0]!;
  const count = (end - from) >> 2;
  const words = new Int32Array(buf.buffer, buf.byteOffset + from, count);
  for (let i = 0; i < count; i++) words[i] = words[i]! ^ mask;
  return from + count * 4;
}

/** The key as it is after `phase` bytes. */
export function rotateMask(key: Uint8Array, phase: number, into: Uint8Array): void {
  for (let i = 0; i < 4; i++) into[i] = key[(phase + i) & 3]!;
}
