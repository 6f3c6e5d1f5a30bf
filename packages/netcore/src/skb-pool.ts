/**
 * Where skbs come from and go back to: free lists by size class, so that a frame costs no allocation.
 *
 * A head and its bytes stay together. A clone shares the bytes of its original; whichever is freed last
 * takes the bytes home, so freeing is one list insertion whoever comes first.
 */
import { copyBytes, copyWords, WORDS_MAX } from '@etherloom/frame';
import type { SkbDropReason } from './drop-reason.ts';
import { SKB_CONSUMED, SKB_DROP_REASON_MAX } from './drop-reason.ts';
import {
  CHECKSUM_NONE,
  copySkbHeader,
  NET_SKB_PAD,
  PACKET_HOST,
  SKB_HEADER_UNSET,
  SkBuff,
  shiftHeader,
  skbSegs,
} from './skbuff.ts';
import type { Tracer } from './trace.ts';

const SMALL = 2048;
const MEDIUM = 16384;
const LARGE = 69632; // a 64 KiB super-frame, its headers and the pad
/** Between the buffers of a slab: at 2048 bytes from one to the next all frames would share 32 of a cache's 1024 sets. */
const COLOUR = 64;
const SLAB_BYTES = 262144;
const NO_BYTES = new Uint8Array(0);

export interface SkbPoolLimits {
  /** The most skbs of each size class, and of heads without bytes of their own (clones, lent buffers). */
  readonly small?: number;
  readonly medium?: number;
  readonly large?: number;
  readonly heads?: number;
}

/** One size class: grows by slabs up to its limit, never shrinks. */
class SkbSizeClass {
  free: SkBuff | null = null;
  readonly size: number;
  #room: number;

  constructor(size: number, limit: number) {
    this.size = size;
    this.#room = limit;
  }

  /** Adds a slab to the free list; false at the limit. Its skbs share one view of it: one each would be cache misses. */
  grow(pool: SkbPool): boolean {
    const stride = this.size === 0 ? 0 : this.size + COLOUR;
    const n = Math.min(this.#room, stride === 0 ? 64 : Math.max(1, Math.floor(SLAB_BYTES / stride)));
    if (n === 0) return false;
    this.#room -= n;
    const slab = new ArrayBuffer(n * stride);
    const buf = stride === 0 ? NO_BYTES : new Uint8Array(slab);
    const view = stride === 0 ? null : new DataView(slab);
    for (let i = n - 1; i >= 0; i--) {
      const skb = new SkBuff(pool, buf, view, new SkbSharedInfo(this));
      skb.head = i * stride;
      skb.end = skb.head + this.size;
      skb.next = this.free;
      this.free = skb;
    }
    return true;
  }
}

/** What heads that share the same bytes have in common. */
export class SkbSharedInfo {
  dataref = 0;
  readonly home: SkbSizeClass;

  constructor(home: SkbSizeClass) {
    this.home = home;
  }
}

export class SkbPool {
  /** Skbs out of the pool now, clones included. */
  inUse = 0;
  /** Allocations refused because a class was at its limit. */
  exhausted = 0;
  /** As Net.trace. */
  trace: Tracer | null = null;
  /** Drops of skbs that had no device. */
  readonly drops = new Float64Array(SKB_DROP_REASON_MAX);
  readonly #small: SkbSizeClass;
  readonly #medium: SkbSizeClass;
  readonly #large: SkbSizeClass;
  /** Heads over bytes that the pool does not own. */
  readonly #lent: SkbSizeClass;
  /** Heads whose bytes went home with another head. */
  #bare: SkBuff | null = null;

  constructor(limits: SkbPoolLimits = {}) {
    this.#small = new SkbSizeClass(SMALL, limits.small ?? 32768);
    this.#medium = new SkbSizeClass(MEDIUM, limits.medium ?? 2048);
    this.#large = new SkbSizeClass(LARGE, limits.large ?? 512);
    this.#lent = new SkbSizeClass(0, limits.heads ?? 65536);
  }

  /** An empty skb with NET_SKB_PAD of headroom and `size` of tailroom at least; null when exhausted: count the drop. */
  alloc(size = 0): SkBuff | null {
    const home = size <= SMALL - NET_SKB_PAD ? this.#small : this.#classFor(size);
    let skb = home.free;
    if (skb === null) {
      if (!home.grow(this)) return this.#refuse();
      skb = home.free!;
    }
    home.free = skb.next;
    skb.next = null;
    skb.users = 1;
    skb.shinfo.dataref = 1;
    skb.data = skb.head + NET_SKB_PAD;
    skb.tail = skb.data;
    this.inUse++;
    return skb;
  }

  /** An skb over buf[offset, offset + length) of the caller's, without copying; the bytes must not change until it is freed. cf. build_skb */
  build(buf: Uint8Array, offset: number, length: number): SkBuff | null {
    if (this.#lent.free === null && !this.#lent.grow(this)) return this.#refuse();
    const skb = this.#lent.free!;
    this.#lent.free = skb.next;
    skb.next = null;
    skb.users = 1;
    skb.shinfo.dataref = 1;
    skb.buf = buf;
    skb.head = offset;
    skb.data = offset;
    skb.tail = offset + length;
    skb.end = offset + length;
    this.inUse++;
    return skb;
  }

  /** cf. SkBuff.clone */
  clone(from: SkBuff): SkBuff | null {
    const skb = this.#bare ?? this.#lentHead();
    if (skb === null) return this.#refuse();
    this.#bare = skb.next;
    skb.next = null;
    skb.users = 1;
    skb.buf = from.buf;
    skb.view = from.view;
    skb.shinfo = from.shinfo;
    skb.shinfo.dataref++;
    skb.head = from.head;
    skb.data = from.data;
    skb.tail = from.tail;
    skb.end = from.end;
    copySkbHeader(skb, from, 0);
    this.inUse++;
    return skb;
  }

  /** A deep copy that has the room asked for at least; the bytes before the frame (its headers, pulled off) come along. */
  copy(from: SkBuff, headroom = from.headroom, tailroom = 0): SkBuff | null {
    const room = Math.max(headroom, NET_SKB_PAD);
    const skb = this.alloc(room - NET_SKB_PAD + from.len + tailroom);
    if (skb === null) return null;
    skb.reserve(room - NET_SKB_PAD);
    const at = skb.put(from.len);
    copyFrame(skb, at, from);
    copySkbHeader(skb, from, at - from.data);
    return skb;
  }

  /** Gives `skb` bytes of its own: takes a fresh skb, copies, swaps the bytes and frees the fresh head with the old ones. */
  expandHead(skb: SkBuff, headroom: number, tailroom: number = Math.min(skb.tailroom, SMALL)): boolean {
    const room = Math.max(headroom, NET_SKB_PAD);
    const fresh = this.alloc(room - NET_SKB_PAD + skb.len + tailroom);
    if (fresh === null) return false;
    fresh.reserve(room - NET_SKB_PAD);
    const at = fresh.put(skb.len);
    copyFrame(fresh, at, skb);
    const shift = at - skb.data;
    skb.macHeader = shiftHeader(skb.macHeader, shift);
    skb.networkHeader = shiftHeader(skb.networkHeader, shift);
    skb.transportHeader = shiftHeader(skb.transportHeader, shift);
    skb.csumStart += shift;
    swapBytes(skb, fresh);
    consumeSkb(fresh);
    return true;
  }

  /** Takes back an skb that nobody holds. Only consumeSkb and kfreeSkb call this. */
  release(skb: SkBuff): void {
    this.inUse--;
    skb.dev = null;
    skb.protocol = 0;
    skb.pktType = PACKET_HOST;
    skb.priority = 0;
    skb.mark = 0;
    skb.queueMapping = 0;
    skb.macHeader = SKB_HEADER_UNSET;
    skb.networkHeader = SKB_HEADER_UNSET;
    skb.transportHeader = SKB_HEADER_UNSET;
    if (skb.ipSummed !== CHECKSUM_NONE) {
      skb.ipSummed = CHECKSUM_NONE;
      skb.gsoSize = 0;
    }
    const shinfo = skb.shinfo;
    if (--shinfo.dataref > 0) {
      skb.buf = NO_BYTES;
      skb.view = null;
      skb.next = this.#bare;
      this.#bare = skb;
      return;
    }
    const home = shinfo.home;
    if (home.size === 0) skb.buf = NO_BYTES;
    skb.next = home.free;
    home.free = skb;
  }

  #classFor(size: number): SkbSizeClass {
    if (size <= MEDIUM - NET_SKB_PAD) return this.#medium;
    if (size <= LARGE - NET_SKB_PAD) return this.#large;
    throw new RangeError(`alloc_skb: ${size} bytes asked, at most ${LARGE - NET_SKB_PAD} fit`);
  }

  #lentHead(): SkBuff | null {
    if (this.#lent.free === null && !this.#lent.grow(this)) return null;
    const skb = this.#lent.free!;
    this.#lent.free = skb.next;
    skb.next = null;
    return skb;
  }

  #refuse(): null {
    this.exhausted++;
    return null;
  }
}

/** True when the last holder let go. */
function skbUnref(skb: SkBuff): boolean {
  if (skb.users < 1) throw new Error(`refcount_t: underflow; use-after-free: an skb was freed twice`);
  return --skb.users === 0;
}

/** The normal end of a frame: delivered, sent, used up. */
export function consumeSkb(skb: SkBuff): void {
  if (!skbUnref(skb)) return;
  const { pool } = skb;
  if (pool.trace !== null) pool.trace.freed(skb, SKB_CONSUMED);
  pool.release(skb);
}

/** The end of a dropped frame: counted on its device (or on the pool when it has none) by the last holder, a super-frame as its segments. */
export function kfreeSkb(skb: SkBuff, reason: SkbDropReason): void {
  if (!skbUnref(skb)) return;
  if (skb.pool.trace !== null) skb.pool.trace.freed(skb, reason);
  const drops = skb.dev === null ? skb.pool.drops : skb.dev.drops;
  drops[reason]! += skbSegs(skb);
  skb.pool.release(skb);
}

/** Makes sure that the caller alone holds the skb: itself, or a clone in its place. cf. skb_share_check */
export function skbShareCheck(skb: SkBuff): SkBuff | null {
  if (skb.users === 1) return skb;
  const mine = skb.clone();
  consumeSkb(skb);
  return mine;
}

/** Copies the frame to `at`, and what is before it as far as both have headroom. */
function copyFrame(to: SkBuff, at: number, from: SkBuff): void {
  const before = Math.min(from.headroom, at - to.head);
  const start = from.data - before;
  const n = from.tail - start;
  if (from.view !== null && to.view !== null && n <= WORDS_MAX) {
    copyWords(from.view, start, to.view, at - before, n);
  } else {
    copyBytes(from.buf, start, to.buf, at - before, n);
  }
}

function swapBytes(a: SkBuff, b: SkBuff): void {
  const { buf, view, shinfo, head, data, tail, end } = a;
  a.buf = b.buf;
  a.view = b.view;
  a.shinfo = b.shinfo;
  a.head = b.head;
  a.data = b.data;
  a.tail = b.tail;
  a.end = b.end;
  b.buf = buf;
  b.view = view;
  b.shinfo = shinfo;
  b.head = head;
  b.data = data;
  b.tail = tail;
  b.end = end;
}
