/**
 * The bare table under the forwarding database: open addressing, linear probing, sixteen bytes an entry, so that a
 * look-up touches one cache line, where a typed array a column touched five.
 *
 *   | lo: last four bytes of the MAC | hi << 16 | state << 14 | port + 1 | updated: f64 |
 *
 * At most half full, so a probe is short; nothing is ever deleted in place (fdb.ts rebuilds instead), so a slot stays
 * where it is for as long as its table lives.
 */
import { macToString } from '@etherloom/frame';

/** The port of a free slot. */
export const NO_PORT = -1;

export const FDB_DYNAMIC = 0;
export const FDB_STATIC = 1;
export const FDB_PERMANENT = 2;

const FREE = 0;
const STATE_SHIFT = 14;
const PORT_MASK = (1 << STATE_SHIFT) - 1;

export class FdbTable {
  readonly size: number;
  count = 0;
  readonly #mask: number;
  readonly #words: Int32Array;
  readonly #times: Float64Array;

  constructor(capacity: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(capacity, 4) * 2));
    this.size = size;
    this.#mask = size - 1;
    const bytes = new ArrayBuffer(size * 16);
    this.#words = new Int32Array(bytes);
    this.#times = new Float64Array(bytes);
  }

  /** The slot of this MAC, or the free slot where it would go. `lo` is signed. */
  find(hi: number, lo: number): number {
    const words = this.#words;
    const mask = this.#mask;
    let i = Math.imul(lo ^ Math.imul(hi, 0x85ebca6b), 0x9e3779b1);
    i = (i ^ (i >>> 15)) & mask;
    while (words[i * 4] !== lo || words[i * 4 + 1]! >>> 16 !== hi) {
      if (words[i * 4 + 1] === FREE) return i;
      i = (i + 1) & mask;
    }
    return i;
  }

  /** NO_PORT when the slot is free. */
  port(i: number): number {
    return (this.#words[i * 4 + 1]! & PORT_MASK) - 1;
  }

  state(i: number): number {
    return (this.#words[i * 4 + 1]! >>> STATE_SHIFT) & 3;
  }

  /** When the entry was last seen or set. */
  updated(i: number): number {
    return this.#times[i * 2 + 1]!;
  }

  touch(i: number, now: number): void {
    this.#times[i * 2 + 1] = now;
  }

  move(i: number, port: number): void {
    this.#words[i * 4 + 1] = (this.#words[i * 4 + 1]! & ~PORT_MASK) | (port + 1);
  }

  /** Fills the free slot `i`. */
  insert(i: number, hi: number, lo: number, port: number, state: number, now: number): void {
    this.#words[i * 4] = lo;
    this.count++;
    this.#set(i, hi, port, state, now);
  }

  /** Overwrites what the taken slot `i` says of its MAC. */
  replace(i: number, port: number, state: number, now: number): void {
    this.#set(i, this.#words[i * 4 + 1]! >>> 16, port, state, now);
  }

  /** Copies slot `i` of another table into this one, which does not hold its MAC yet. */
  adopt(from: FdbTable, i: number): void {
    const lo = from.#words[i * 4]!;
    const tag = from.#words[i * 4 + 1]!;
    const at = this.find(tag >>> 16, lo);
    this.#words[at * 4] = lo;
    this.#words[at * 4 + 1] = tag;
    this.#times[at * 2 + 1] = from.#times[i * 2 + 1]!;
    this.count++;
  }

  clear(): void {
    this.#words.fill(FREE);
    this.count = 0;
  }

  /** Allocates: for dumps only. */
  macText(i: number): string {
    const hi = this.#words[i * 4 + 1]! >>> 16;
    const lo = this.#words[i * 4]!;
    return macToString(Uint8Array.of(hi >> 8, hi, lo >> 24, lo >> 16, lo >> 8, lo), 0);
  }

  #set(i: number, hi: number, port: number, state: number, now: number): void {
    this.#words[i * 4 + 1] = (hi << 16) | (state << STATE_SHIFT) | (port + 1);
    this.#times[i * 2 + 1] = now;
  }
}
