/**
 * Forwarding database: which port is behind a MAC. cf. net/bridge/br_fdb.c.
 *
 * Dynamic entries are learned, move with their station and expire. Static ones are set by hand, never expire, and
 * move as Linux lets them; permanent ones do neither. Bounded: a MAC that finds the table full is counted and not
 * learned, so its frames flood. Time is in milliseconds and the caller's.
 */
import { macHi, macLo } from '@etherloom/frame';
import { FDB_DYNAMIC, FDB_PERMANENT, type FDB_STATIC, FdbTable, NO_PORT } from './fdb-table.ts';

export const DEFAULT_FDB_CAPACITY = 8192;
/** BR_DEFAULT_AGEING_TIME. */
export const DEFAULT_AGEING_MS = 300_000;
const SWEEP_INTERVAL_MS = 1000;

export interface FdbEntry {
  readonly mac: string;
  readonly port: number;
  readonly state: typeof FDB_DYNAMIC | typeof FDB_STATIC | typeof FDB_PERMANENT;
  /** Milliseconds since the MAC was last seen or set. */
  readonly age: number;
}

export class Fdb {
  readonly capacity: number;
  /** Changes whenever what was looked up or learned earlier may have become wrong; the bridge counts its ports' changes here too. */
  generation = 0;
  /** How often a new MAC was refused because the table was full. */
  full = 0;
  /** How often a station changed its port. */
  moves = 0;
  #ageing = DEFAULT_AGEING_MS;
  #live: FdbTable;
  #spare: FdbTable;
  #nextSweep = Number.NEGATIVE_INFINITY;

  constructor(capacity = DEFAULT_FDB_CAPACITY) {
    this.capacity = capacity;
    this.#live = new FdbTable(capacity);
    this.#spare = new FdbTable(capacity);
  }

  /** Milliseconds. */
  get ageing(): number {
    return this.#ageing;
  }

  set ageing(ms: number) {
    this.#ageing = ms;
    this.generation++;
  }

  get count(): number {
    return this.#live.count;
  }

  /** Learns the MAC at buf[at..at+6); false when it is new and the table is full. */
  learn(buf: Uint8Array, at: number, port: number, now: number): boolean {
    return this.learnMac(macHi(buf, at), macLo(buf, at) | 0, port, now);
  }

  /** As learn, for the MAC whose first two bytes are `hi` and whose last four, as a signed integer, are `lo`. */
  learnMac(hi: number, lo: number, port: number, now: number): boolean {
    const t = this.#live;
    const i = t.find(hi, lo);
    const known = t.port(i);
    if (known !== port) {
      if (known === NO_PORT) return this.#learnNew(hi, lo, port, now);
      if (t.state(i) === FDB_PERMANENT) return true;
      t.move(i, port);
      this.moves++;
      this.generation++;
    }
    t.touch(i, now);
    return true;
  }

  /** The port behind the MAC at buf[at..at+6), or NO_PORT: unknown or expired. */
  lookup(buf: Uint8Array, at: number, now: number): number {
    return this.lookupMac(macHi(buf, at), macLo(buf, at) | 0, now);
  }

  /** As lookup; cf. learnMac. */
  lookupMac(hi: number, lo: number, now: number): number {
    const t = this.#live;
    const i = t.find(hi, lo);
    return this.#fresh(t, i, now) ? t.port(i) : NO_PORT;
  }

  /** Sets an entry by hand; false when the table is full. */
  add(buf: Uint8Array, at: number, port: number, state: number, now: number): boolean {
    const t = this.#live;
    const hi = macHi(buf, at);
    const lo = macLo(buf, at) | 0;
    const i = t.find(hi, lo);
    if (t.port(i) !== NO_PORT) t.replace(i, port, state, now);
    else if (t.count >= this.capacity) return false;
    else t.insert(i, hi, lo, port, state, now);
    this.generation++;
    return true;
  }

  /** Forgets one MAC; false when it was not there, or is behind another port than the one named. */
  delete(buf: Uint8Array, at: number, port = NO_PORT): boolean {
    const t = this.#live;
    const i = t.find(macHi(buf, at), macLo(buf, at) | 0);
    if (t.port(i) === NO_PORT || (port !== NO_PORT && t.port(i) !== port)) return false;
    this.#retain((_, slot) => slot !== i);
    return true;
  }

  /** Forgets what was learned behind a port; with `all`, what was set by hand too. */
  flushPort(port: number, all = false): void {
    this.#retain((t, i) => t.port(i) !== port || (!all && t.state(i) !== FDB_DYNAMIC));
  }

  /** Forgets everything learned, from every port. */
  flush(): void {
    this.#retain((t, i) => t.state(i) !== FDB_DYNAMIC);
  }

  /** Frees the slots of expired entries. Off the data path: a lookup judges by the clock anyway. */
  age(now: number): void {
    this.#retain((t, i) => this.#fresh(t, i, now));
  }

  /** Allocates: for the control path. */
  entries(now: number): FdbEntry[] {
    const t = this.#live;
    const found: FdbEntry[] = [];
    for (let i = 0; i < t.size; i++) {
      if (!this.#fresh(t, i, now)) continue;
      const state = t.state(i) as FdbEntry['state'];
      found.push({ mac: t.macText(i), port: t.port(i), state, age: now - t.updated(i) });
    }
    return found;
  }

  /** Whether the slot holds an entry that has not expired. */
  #fresh(t: FdbTable, i: number, now: number): boolean {
    return t.port(i) !== NO_PORT && (now - t.updated(i) < this.#ageing || t.state(i) !== FDB_DYNAMIC);
  }

  #learnNew(hi: number, lo: number, port: number, now: number): boolean {
    if (this.#live.count >= this.capacity && !this.#makeRoom(now)) {
      this.full++;
      return false;
    }
    const t = this.#live;
    const i = t.find(hi, lo);
    t.insert(i, hi, lo, port, FDB_DYNAMIC, now);
    return true;
  }

  /** At most one sweep a second, so that a flood of new MACs cannot make each of them cost a rebuild. */
  #makeRoom(now: number): boolean {
    if (now < this.#nextSweep) return false;
    this.#nextSweep = now + SWEEP_INTERVAL_MS;
    this.age(now);
    return this.#live.count < this.capacity;
  }

  /** Rebuilds the table with what is kept, in the spare one: no tombstones, no allocation. */
  #retain(keep: (table: FdbTable, slot: number) => boolean): void {
    const old = this.#live;
    const next = this.#spare;
    next.clear();
    for (let i = 0; i < old.size; i++) {
      if (old.port(i) !== NO_PORT && keep(old, i)) next.adopt(old, i);
    }
    this.#live = next;
    this.#spare = old;
    this.generation++;
  }
}
