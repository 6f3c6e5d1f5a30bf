/**
 * The bare table under the forwarding database: open addressing, linear probing, one typed array a column.
 * At most half full, so a probe is short; nothing is ever deleted in place (fdb.ts rebuilds instead), so a slot stays
 * where it is for as long as its table lives.
 */
import { macToString } from '@etherloom/frame';

/** The column `port` of a free slot. */
export const NO_PORT = -1;

export const FDB_DYNAMIC = 0;
export const FDB_STATIC = 1;
export const FDB_PERMANENT = 2;

export class FdbTable {
  /** First two bytes of the MAC, and the last four. */
  readonly hi: Uint16Array;
  readonly lo: Int32Array;
  readonly port: Int16Array;
  readonly state: Uint8Array;
  readonly updated: Float64Array;
  readonly size: number;
  count = 0;
  readonly #mask: number;

  constructor(capacity: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(capacity, 4) * 2));
    this.size = size;
    this.#mask = size - 1;
    this.hi = new Uint16Array(size);
    this.lo = new Int32Array(size);
    this.port = new Int16Array(size).fill(NO_PORT);
    this.state = new Uint8Array(size);
    this.updated = new Float64Array(size);
  }

  /** The slot of this MAC, or the free slot where it would go. */
  find(hi: number, lo: number): number {
    const mask = this.#mask;
    let i = Math.imul(lo ^ Math.imul(hi, 0x85ebca6b), 0x9e3779b1);
    i = (i ^ (i >>> 15)) & mask;
    while (this.port[i] !== NO_PORT && (this.lo[i] !== lo || this.hi[i] !== hi)) i = (i + 1) & mask;
    return i;
  }

  /** Fills the free slot `i`. */
  insert(i: number, hi: number, lo: number): void {
    this.hi[i] = hi;
    this.lo[i] = lo;
    this.count++;
  }

  set(i: number, port: number, state: number, updated: number): void {
    this.port[i] = port;
    this.state[i] = state;
    this.updated[i] = updated;
  }

  /** Copies slot `i` of another table into this one, which does not hold its MAC yet. */
  adopt(from: FdbTable, i: number): void {
    const at = this.find(from.hi[i]!, from.lo[i]!);
    this.insert(at, from.hi[i]!, from.lo[i]!);
    this.set(at, from.port[i]!, from.state[i]!, from.updated[i]!);
  }

  clear(): void {
    this.port.fill(NO_PORT);
    this.count = 0;
  }

  /** Allocates: for dumps only. */
  macText(i: number): string {
    const hi = this.hi[i]!;
    const lo = this.lo[i]!;
    return macToString(Uint8Array.of(hi >> 8, hi, lo >> 24, lo >> 16, lo >> 8, lo), 0);
  }
}
