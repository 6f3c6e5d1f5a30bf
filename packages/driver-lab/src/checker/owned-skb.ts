/**
 * An skb in the driver's hands. The driver holds a stand-in that works like the skb while the driver owns it, and tells
 * the checker when it is touched after that. Behind the checked calls (checked-calls.ts) the stack gets the skb itself.
 */
import { ETH_HLEN, macToString } from '@etherloom/frame';
import type { SkBuff } from '@etherloom/netcore';
import type { Checker } from './checker.ts';
import type { Rule } from './rules.ts';
import { mark } from './where.ts';

const OWNED = Symbol('owned skb');

export type SkbOrigin = 'xmit' | 'alloc';

export class OwnedSkb {
  readonly skb: SkBuff;
  readonly standIn: SkBuff;
  readonly checker: Checker;
  readonly book: SkbBook;
  readonly origin: SkbOrigin;
  /** References that the driver holds: `get` adds one. */
  refs = 1;
  readonly since: number;
  /** Where the driver got it. */
  readonly gotAt: Error;
  /** How and where the driver gave it away; null while it has it. */
  leftHow: string | null = null;
  leftAt: Error | null = null;
  /** What it was, once it is gone. */
  #frame: string | null = null;

  constructor(checker: Checker, book: SkbBook, skb: SkBuff, origin: SkbOrigin) {
    this.checker = checker;
    this.book = book;
    this.skb = skb;
    this.origin = origin;
    this.since = checker.now;
    this.gotAt = mark();
    this.standIn = new Proxy(skb, { get: (_, key) => this.#get(key), set: (_, key, v) => this.#set(key, v) });
  }

  /** The driver lets go of one reference. False, and reported, when it had none. */
  leave(how: string): boolean {
    if (this.refs === 0) {
      const twice = this.leftHow === FREED && how === FREED;
      this.#late(twice ? 'skb-double-free' : 'skb-use-after', `an skb is ${how}, but`);
      return false;
    }
    if (--this.refs > 0) return true;
    this.#frame = frameText(this.skb);
    this.leftHow = how;
    this.leftAt = mark();
    this.book.owned.delete(this);
    return true;
  }

  get frame(): string | null {
    return this.#frame ?? frameText(this.skb);
  }

  #get(key: string | symbol): unknown {
    if (key === OWNED) return this;
    this.#touch('read', key);
    const { skb } = this;
    if (key === 'get') return () => this.#again();
    if (key === 'clone' || key === 'copy') return () => this.#twin(key);
    const value = Reflect.get(skb, key, skb) as unknown;
    if (typeof value !== 'function') return value;
    return (...args: unknown[]) => (this.refs === 0 ? 0 : Reflect.apply(value, skb, args));
  }

  #set(key: string | symbol, value: unknown): boolean {
    this.#touch('written', key);
    // What is no longer the driver's is left alone: the report is enough, the node lives on.
    return this.refs === 0 || Reflect.set(this.skb, key, value);
  }

  #touch(what: string, key: string | symbol): void {
    if (this.refs === 0) this.#late('skb-use-after', `skb.${String(key)} is ${what} after`);
  }

  #late(rule: Rule, what: string): void {
    const before = `it was ${this.leftHow} at ${this.checker.place(this.leftAt)}`;
    const kept = this.leftHow === RETURNED_BUSY;
    this.checker.report(kept ? 'xmit-busy-skb' : rule, { text: `${what} ${before}`, frame: this.#frame });
  }

  #again(): SkBuff {
    this.refs++;
    this.skb.get();
    return this.standIn;
  }

  #twin(how: 'clone' | 'copy'): SkBuff | null {
    const twin = this.skb[how]();
    return twin === null ? null : this.book.own(twin, 'alloc').standIn;
  }
}

export const FREED = 'freed';
export const RETURNED_BUSY = 'given back with NETDEV_TX_BUSY';

/** All skbs that a device's driver owns now. */
export class SkbBook {
  readonly owned = new Set<OwnedSkb>();
  readonly #checker: Checker;

  constructor(checker: Checker) {
    this.#checker = checker;
  }

  own(skb: SkBuff, origin: SkbOrigin): OwnedSkb {
    const owned = new OwnedSkb(this.#checker, this, skb, origin);
    this.owned.add(owned);
    return owned;
  }

  /** The owned skb whose memory buf[at] is. */
  at(buf: Uint8Array, at: number): OwnedSkb | null {
    for (const owned of this.owned) {
      const { skb } = owned;
      if (skb.buf === buf && at >= skb.head && at < skb.end) return owned;
    }
    return null;
  }
}

/** Null for an skb that no checker watches. */
export function ownedOf(skb: SkBuff): OwnedSkb | null {
  return (skb as unknown as { [OWNED]?: OwnedSkb })[OWNED] ?? null;
}

/** `60 bytes 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff type 0x0806` */
function frameText(skb: SkBuff): string | null {
  const at = skb.macHeader >= 0 ? skb.macHeader : skb.data;
  const len = skb.tail - at;
  if (len === 0) return null;
  if (len < ETH_HLEN) return `${len} bytes`;
  const type = ((skb.buf[at + 12]! << 8) | skb.buf[at + 13]!).toString(16).padStart(4, '0');
  return `${len} bytes ${macToString(skb.buf, at + 6)} > ${macToString(skb.buf, at)} type 0x${type}`;
}
