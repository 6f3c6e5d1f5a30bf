/**
 * Socket buffer: one frame, its headroom, and who owns it. cf. include/linux/skbuff.h
 *
 *   head     data            tail        end
 *   +--------+---------------+-----------+
 *   |headroom| frame (len)   | tailroom  |   offsets into buf: Uint8Array, never a view per frame
 *   +--------+---------------+-----------+
 *        push <-|-> pull  trim <-|-> put
 *
 * Ownership: a function that takes an skb consumes it, unless its doc says "borrows". Two counts: `users` are
 * holders of this head (`get`), `shinfo.dataref` the heads that share the bytes (`clone`). Do not write to
 * the bytes of an skb for which skbCloned() is true: `cow` it first.
 */
import { tcpHeaderLen, UDP_HLEN } from '@etherloom/frame';
import type { NetDevice } from './net-device.ts';
import type { SkbPool, SkbSharedInfo } from './skb-pool.ts';

export const NET_SKB_PAD = 64;
/** `macHeader` and its kin before they are set. */
export const SKB_HEADER_UNSET = -1;

export const PACKET_HOST = 0;
export const PACKET_BROADCAST = 1;
export const PACKET_MULTICAST = 2;
export const PACKET_OTHERHOST = 3;
export const PACKET_OUTGOING = 4;

/** `ipSummed`: what is known of the transport checksum. */
export const CHECKSUM_NONE = 0;
/** Verified. */
export const CHECKSUM_UNNECESSARY = 1;
/** Left out: the sum from `csumStart` to the end belongs at csumStart + csumOffset, where the pseudo header's is. */
export const CHECKSUM_PARTIAL = 3;

/** `gsoType` */
export const SKB_GSO_TCPV4 = 1 << 0;
export const SKB_GSO_TCP_ECN = 1 << 2;
export const SKB_GSO_TCPV6 = 1 << 4;
export const SKB_GSO_UDP_L4 = 1 << 17;

export class SkBuff {
  readonly pool: SkbPool;
  buf: Uint8Array;
  /** Over the same bytes as `buf`, for copies by words; null when the bytes are lent. */
  view: DataView | null;
  shinfo: SkbSharedInfo;
  head = 0;
  data = 0;
  tail = 0;
  end = 0;
  /** Zero while the pool has it. */
  users = 0;
  /** The list this skb is on: a pool's, a queue's, or a bulk being sent. */
  next: SkBuff | null = null;
  dev: NetDevice | null = null;
  protocol = 0;
  pktType = PACKET_HOST;
  priority = 0;
  mark = 0;
  queueMapping = 0;
  macHeader = SKB_HEADER_UNSET;
  networkHeader = SKB_HEADER_UNSET;
  transportHeader = SKB_HEADER_UNSET;
  /** CHECKSUM_*. While it is NONE the offload fields below mean nothing. */
  ipSummed = CHECKSUM_NONE;
  csumStart = 0;
  csumOffset = 0;
  /** Of a super-frame: payload of each segment but the last, how many, and SKB_GSO_*. 0 of every other frame. */
  gsoSize = 0;
  gsoSegs = 0;
  gsoType = 0;
  /** Control block: the layer that owns the skb may keep four numbers here; the next layer overwrites them. */
  cb0 = 0;
  cb1 = 0;
  cb2 = 0;
  cb3 = 0;

  /** Only the pool constructs. */
  constructor(pool: SkbPool, buf: Uint8Array, view: DataView | null, shinfo: SkbSharedInfo) {
    this.pool = pool;
    this.buf = buf;
    this.view = view;
    this.shinfo = shinfo;
  }

  get len(): number {
    return this.tail - this.data;
  }

  get headroom(): number {
    return this.data - this.head;
  }

  get tailroom(): number {
    return this.end - this.tail;
  }

  /** Makes headroom; only while the skb is empty. */
  reserve(n: number): void {
    if (this.data !== this.tail || this.tail + n > this.end) skbReservePanic(this, n);
    this.data += n;
    this.tail += n;
  }

  /** Extends the frame at its tail; returns the offset to write at. */
  put(n: number): number {
    const at = this.tail;
    if (at + n > this.end) skbOverPanic(this, n); // throws; out of line so that put stays small enough to inline
    this.tail = at + n;
    return at;
  }

  /** Extends the frame by a copy of bytes[from, to). */
  putData(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
    const at = this.put(to - from);
    for (let i = from; i < to; i++) this.buf[at + i - from] = bytes[i]!;
    return at;
  }

  /** Extends the frame by n zero bytes. */
  putZero(n: number): number {
    const at = this.put(n);
    this.buf.fill(0, at, at + n);
    return at;
  }

  /** Extends the frame at its head; returns the new start. */
  push(n: number): number {
    const at = this.data - n;
    if (at < this.head) skbUnderPanic(this, n);
    this.data = at;
    return at;
  }

  /** Takes n bytes off the head; returns the new start, or -1 when the frame is shorter. */
  pull(n: number): number {
    const at = this.data + n;
    if (at > this.tail) return -1;
    this.data = at;
    return at;
  }

  /** Cuts the frame to n bytes; never extends it. */
  trim(n: number): void {
    if (this.tail - this.data > n) this.tail = this.data + n;
  }

  /** One more holder of this very skb: its fields are shared too, so treat it as read-only. */
  get(): SkBuff {
    this.users++;
    return this;
  }

  /** A new head over the same bytes; null when the pool has no head left. */
  clone(): SkBuff | null {
    return this.pool.clone(this);
  }

  /** A deep copy that may be written; null when the pool is exhausted. */
  copy(): SkBuff | null {
    return this.pool.copy(this);
  }

  /** Makes the bytes this skb's own, with `headroom` at least; false, and nothing changed, when the pool is exhausted. */
  cow(headroom = 0): boolean {
    const own = this.headroom;
    if (this.shinfo.dataref === 1 && own >= headroom) return true;
    return this.pool.expandHead(this, Math.max(headroom, own));
  }
}

export function skbShared(skb: SkBuff): boolean {
  return skb.users !== 1;
}

export function skbCloned(skb: SkBuff): boolean {
  return skb.shinfo.dataref !== 1;
}

export function skbIsGso(skb: SkBuff): boolean {
  return skb.gsoSize !== 0;
}

/** How many frames of the wire the skb is. */
export function skbSegs(skb: SkBuff): number {
  return skb.gsoSize === 0 ? 1 : skb.gsoSegs;
}

/** All headers of a super-frame, its transport header included. cf. skb_tcp_all_headers */
export function skbGsoHeaderLen(skb: SkBuff): number {
  const l4 = skb.csumStart;
  return l4 - skb.data + ((skb.gsoType & SKB_GSO_UDP_L4) === 0 ? tcpHeaderLen(skb.buf, l4) : UDP_HLEN);
}

/** The bytes of those frames: each has the headers. cf. qdisc_pkt_len_init */
export function skbWireLen(skb: SkBuff): number {
  const len = skb.tail - skb.data;
  return skb.gsoSize === 0 ? len : len + (skb.gsoSegs - 1) * skbGsoHeaderLen(skb);
}

/** The length of the longest of those frames. */
export function skbLongestSeg(skb: SkBuff): number {
  const len = skb.tail - skb.data;
  return skb.gsoSize === 0 ? len : Math.min(len, skbGsoHeaderLen(skb) + skb.gsoSize);
}

/** Copies all that describes the frame, bytes and geometry apart. */
export function copySkbHeader(to: SkBuff, from: SkBuff, shift: number): void {
  to.dev = from.dev;
  to.protocol = from.protocol;
  to.pktType = from.pktType;
  to.priority = from.priority;
  to.mark = from.mark;
  to.queueMapping = from.queueMapping;
  to.macHeader = shiftHeader(from.macHeader, shift);
  to.networkHeader = shiftHeader(from.networkHeader, shift);
  to.transportHeader = shiftHeader(from.transportHeader, shift);
  to.cb0 = from.cb0;
  to.cb1 = from.cb1;
  to.cb2 = from.cb2;
  to.cb3 = from.cb3;
  if (from.ipSummed !== CHECKSUM_NONE) copyOffloads(to, from, shift);
}

function copyOffloads(to: SkBuff, from: SkBuff, shift: number): void {
  to.ipSummed = from.ipSummed;
  to.csumStart = from.csumStart + shift;
  to.csumOffset = from.csumOffset;
  to.gsoSize = from.gsoSize;
  to.gsoSegs = from.gsoSegs;
  to.gsoType = from.gsoType;
}

export function shiftHeader(at: number, shift: number): number {
  return at === SKB_HEADER_UNSET ? at : at + shift;
}

const hex64 = (n: number): string => BigInt.asUintN(64, BigInt(n)).toString(16).padStart(16, '0');
const hexAlt = (n: number): string => (n === 0 ? '0' : `0x${n.toString(16)}`);

/** The kernel prints the geometry as the refused call would have left it; tail and end count from head. */
function skbPanic(what: string, skb: SkBuff, n: number, data: number, tail: number): never {
  throw new RangeError(
    `${what}: text:${hex64(0)} len:${tail - data} put:${n} head:${hex64(skb.head)} data:${hex64(data)}` +
      ` tail:${hexAlt(tail - skb.head)} end:${hexAlt(skb.end - skb.head)} dev:${skb.dev?.name ?? '<NULL>'}`,
  );
}

function skbOverPanic(skb: SkBuff, n: number): never {
  return skbPanic('skb_over_panic', skb, n, skb.data, skb.tail + n);
}

function skbUnderPanic(skb: SkBuff, n: number): never {
  return skbPanic('skb_under_panic', skb, n, skb.data - n, skb.tail);
}

function skbReservePanic(skb: SkBuff, n: number): never {
  if (skb.len > 0)
    throw new RangeError(`skb_reserve: the skb holds ${skb.len} bytes; reserve before the first put`);
  return skbPanic('skb_reserve', skb, n, skb.data + n, skb.tail + n);
}
