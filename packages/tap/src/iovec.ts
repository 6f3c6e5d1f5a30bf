/** struct iovec[], filled again and again: for one write of bytes that lie apart. */
import { endianness } from 'node:os';
import { bufferAddress } from './buffer-address.ts';
import { libc } from './libc.ts';

const LITTLE_ENDIAN = endianness() === 'LE';
/** Base and length, each a 64-bit number: two 32-bit words. */
const WORDS = 4;
const [LOW, HIGH] = LITTLE_ENDIAN ? [0, 1] : [1, 0];

export class IoVec {
  readonly #lib = libc();
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;
  #count = 0;

  constructor(size: number) {
    this.#words = new Uint32Array(size * WORDS);
    this.#bytes = new Uint8Array(this.#words.buffer);
  }

  reset(): void {
    this.#count = 0;
  }

  /** Adds buf[start, end). */
  add(buf: Uint8Array, start: number, end: number): void {
    const address = bufferAddress(buf) + start;
    const at = this.#count++ * WORDS;
    this.#words[at + LOW] = address; // modulo 2^32, as a Uint32Array stores
    this.#words[at + HIGH] = address / 2 ** 32;
    this.#words[at + 2 + LOW] = end - start;
    this.#words[at + 2 + HIGH] = 0;
  }

  /** Bytes written, all of them, or -1 with errno set. */
  writeTo(fd: number): number {
    return this.#lib.writev(fd, bufferAddress(this.#bytes), this.#count);
  }
}
