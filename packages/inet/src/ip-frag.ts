/**
 * Reassembly: keeps the fragments of a datagram until the last hole closes. cf. net/ipv4/ip_fragment.c
 *
 * The skbs wait in order of offset on a list of their own (`next`), with cb0 = first byte, cb1 = byte after the
 * last. Memory is counted by buffer, not by payload, so a flood of tiny fragments is bounded too.
 */
import {
  copyBytes,
  IP_MF,
  IP_OFFSET,
  IPV4_FRAG_OFF,
  IPV4_TOT_LEN,
  ipv4FragOff,
  ipv4HeaderLen,
  ipv4Id,
  ipv4Protocol,
  ipv4SetChecksum,
  ipv4TotLen,
  putU16,
} from '@etherloom/frame';
import {
  consumeSkb,
  kfreeSkb,
  type NetDevice,
  SKB_DROP_REASON_DUP_FRAG,
  SKB_DROP_REASON_FRAG_REASM_TIMEOUT,
  SKB_DROP_REASON_IP_INHDR,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_QUEUE_PURGE,
  SKB_NOT_DROPPED_YET,
  type SkBuff,
  type SkbDropReason,
} from '@etherloom/netcore';
import { ipDaddr, ipSaddr } from './address.ts';
import type { Inet } from './inet.ts';

/** Milliseconds from the first fragment on. cf. net.ipv4.ipfrag_time */
export const IPFRAG_TIME = 30_000;
/** Bytes of buffers. cf. net.ipv4.ipfrag_high_thresh */
export const IPFRAG_HIGH_THRESH = 4 * 1024 * 1024;

const BUCKETS = 64;
const MAX_LEN = 65535;

/** One datagram in pieces. cf. struct ipq */
class FragQueue {
  readonly saddr: number;
  readonly daddr: number;
  readonly id: number;
  readonly protocol: number;
  bucket = 0;
  nextInBucket: FragQueue | null = null;
  head: SkBuff | null = null;
  /** Payload bytes here, and in all (-1 until the last fragment has come). */
  meat = 0;
  len = -1;
  memory = 0;
  timer: unknown = null;

  constructor(saddr: number, daddr: number, id: number, protocol: number) {
    this.saddr = saddr;
    this.daddr = daddr;
    this.id = id;
    this.protocol = protocol;
  }

  matches(buf: Uint8Array, at: number): boolean {
    return (
      this.id === ipv4Id(buf, at) &&
      this.saddr === ipSaddr(buf, at) &&
      this.daddr === ipDaddr(buf, at) &&
      this.protocol === ipv4Protocol(buf, at)
    );
  }

  get complete(): boolean {
    return this.meat === this.len;
  }
}

export class IpFragments {
  readonly #inet: Inet;
  readonly #buckets: (FragQueue | null)[] = new Array(BUCKETS).fill(null);
  /** Tells the sender that its datagram never became whole; borrows its first fragment. */
  readonly #expired: (first: SkBuff) => void;
  /** Bytes of buffers held. */
  memory = 0;

  constructor(inet: Inet, expired: (first: SkBuff) => void) {
    this.#inet = inet;
    this.#expired = expired;
  }

  /** Consumes a fragment; the whole datagram when it was the missing one, else null. cf. ip_defrag */
  defrag(skb: SkBuff): SkBuff | null {
    this.#inet.stats.IpReasmReqds++;
    const size = skb.end - skb.head;
    if (this.memory + size > IPFRAG_HIGH_THRESH) return this.#refuse(skb, SKB_DROP_REASON_NOMEM);
    const reason = this.#checkFragment(skb);
    if (reason !== SKB_NOT_DROPPED_YET) return this.#refuse(skb, reason);
    const queue = this.#find(skb);
    if (!this.#fits(queue, skb)) return this.#overlap(queue, skb);
    const verdict = insertFragment(queue, skb);
    if (verdict === OVERLAP) return this.#overlap(queue, skb);
    if (verdict === DUPLICATE) {
      kfreeSkb(skb, SKB_DROP_REASON_DUP_FRAG);
      return null;
    }
    queue.memory += size;
    this.memory += size;
    return queue.complete ? this.#reassemble(queue) : null;
  }

  /** Drops what a device brought, or everything. */
  flush(dev?: NetDevice): void {
    for (const queue of [...this.#queues()]) {
      if (dev !== undefined && queue.head?.dev !== dev) continue;
      this.#inet.stats.IpReasmFails++;
      this.#kill(queue, SKB_DROP_REASON_QUEUE_PURGE);
    }
  }

  *#queues(): Iterable<FragQueue> {
    for (const head of this.#buckets) {
      for (let queue = head; queue !== null; queue = queue.nextInBucket) yield queue;
    }
  }

  /** Fills cb0 and cb1; refuses what no datagram can contain. */
  #checkFragment(skb: SkBuff): SkbDropReason {
    const at = skb.networkHeader;
    const frag = ipv4FragOff(skb.buf, at);
    const payload = ipv4TotLen(skb.buf, at) - ipv4HeaderLen(skb.buf, at);
    const start = (frag & IP_OFFSET) * 8;
    const more = (frag & IP_MF) !== 0;
    if (payload === 0 || (more && (payload & 7) !== 0)) return SKB_DROP_REASON_IP_INHDR;
    if (start + payload + ipv4HeaderLen(skb.buf, at) > MAX_LEN) return SKB_DROP_REASON_IP_INHDR;
    skb.cb0 = start;
    skb.cb1 = start + payload;
    return SKB_NOT_DROPPED_YET;
  }

  #find(skb: SkBuff): FragQueue {
    const { buf, networkHeader: at } = skb;
    const id = ipv4Id(buf, at);
    const saddr = ipSaddr(buf, at);
    const bucket = (id ^ saddr ^ (saddr >>> 8)) & (BUCKETS - 1);
    for (let queue = this.#buckets[bucket] ?? null; queue !== null; queue = queue.nextInBucket) {
      if (queue.matches(buf, at)) return queue;
    }
    const queue = new FragQueue(saddr, ipDaddr(buf, at), id, ipv4Protocol(buf, at));
    queue.bucket = bucket;
    queue.nextInBucket = this.#buckets[bucket]!;
    this.#buckets[bucket] = queue;
    queue.timer = this.#inet.host.setTimer(() => this.#expire(queue), IPFRAG_TIME);
    return queue;
  }

  /** Whether the fragment agrees with what is known of the end; notes the end when it is the last one. */
  #fits(queue: FragQueue, skb: SkBuff): boolean {
    const last = (ipv4FragOff(skb.buf, skb.networkHeader) & IP_MF) === 0;
    if (queue.len >= 0) return last ? skb.cb1 === queue.len : skb.cb1 <= queue.len;
    if (!last) return true;
    for (let f = queue.head; f !== null; f = f.next) if (f.cb1 > skb.cb1) return false;
    queue.len = skb.cb1;
    return true;
  }

  #reassemble(queue: FragQueue): SkBuff | null {
    const first = queue.head!;
    const hlen = ipv4HeaderLen(first.buf, first.networkHeader);
    const whole = queue.len + hlen > MAX_LEN ? null : this.#inet.net.pool.alloc(queue.len + hlen);
    if (whole === null) {
      this.#kill(queue, SKB_DROP_REASON_NOMEM);
      this.#inet.stats.IpReasmFails++;
      return null;
    }
    copyFragments(whole, queue, hlen);
    this.#kill(queue, SKB_NOT_DROPPED_YET);
    this.#inet.stats.IpReasmOKs++;
    return whole;
  }

  /** A fragment that contradicts the others spoils the datagram: RFC 5722, and what Linux does for IPv4 too. */
  #overlap(queue: FragQueue, skb: SkBuff): null {
    this.#inet.stats.IpExtReasmOverlaps++;
    this.#kill(queue, SKB_DROP_REASON_NOT_SPECIFIED);
    return this.#refuse(skb, SKB_DROP_REASON_NOT_SPECIFIED);
  }

  #refuse(skb: SkBuff, reason: SkbDropReason): null {
    this.#inet.stats.IpReasmFails++;
    kfreeSkb(skb, reason);
    return null;
  }

  #expire(queue: FragQueue): void {
    queue.timer = null;
    this.#inet.stats.IpReasmTimeout++;
    this.#inet.stats.IpReasmFails++;
    const first = queue.head;
    if (first !== null && first.cb0 === 0) this.#expired(first);
    this.#kill(queue, SKB_DROP_REASON_FRAG_REASM_TIMEOUT);
  }

  /** Unlinks the queue and frees its fragments: as used up when there is no reason. */
  #kill(queue: FragQueue, reason: SkbDropReason): void {
    if (queue.timer !== null) this.#inet.host.clearTimer(queue.timer);
    this.memory -= queue.memory;
    this.#unlink(queue);
    for (let f = queue.head; f !== null; ) {
      const next: SkBuff | null = f.next;
      f.next = null;
      if (reason === SKB_NOT_DROPPED_YET) consumeSkb(f);
      else kfreeSkb(f, reason);
      f = next;
    }
    queue.head = null;
  }

  #unlink(queue: FragQueue): void {
    let prev: FragQueue | null = null;
    for (let q = this.#buckets[queue.bucket] ?? null; q !== null; prev = q, q = q.nextInBucket) {
      if (q !== queue) continue;
      if (prev === null) this.#buckets[queue.bucket] = q.nextInBucket;
      else prev.nextInBucket = q.nextInBucket;
      return;
    }
  }
}

const INSERTED = 0;
const DUPLICATE = 1;
const OVERLAP = 2;

/** Links the fragment in by offset. What is wholly there already is a duplicate; any other overlap is refused. */
function insertFragment(queue: FragQueue, skb: SkBuff): number {
  let prev: SkBuff | null = null;
  let next = queue.head;
  while (next !== null && next.cb0 <= skb.cb0) {
    if (skb.cb1 <= next.cb1) return DUPLICATE;
    prev = next;
    next = next.next;
  }
  if (prev !== null && prev.cb1 > skb.cb0) return OVERLAP;
  if (next !== null && skb.cb1 > next.cb0) return OVERLAP;
  skb.next = next;
  if (prev === null) queue.head = skb;
  else prev.next = skb;
  queue.meat += skb.cb1 - skb.cb0;
  return INSERTED;
}

/** The first fragment's header and everybody's payload, as one datagram that never was in pieces. */
function copyFragments(whole: SkBuff, queue: FragQueue, hlen: number): void {
  const first = queue.head!;
  const at = whole.put(hlen + queue.len);
  copyBytes(first.buf, first.networkHeader, whole.buf, at, hlen);
  for (let f: SkBuff | null = first; f !== null; f = f.next) {
    const from = f.networkHeader + ipv4HeaderLen(f.buf, f.networkHeader);
    copyBytes(f.buf, from, whole.buf, at + hlen + f.cb0, f.cb1 - f.cb0);
  }
  putU16(whole.buf, at + IPV4_TOT_LEN, hlen + queue.len);
  putU16(whole.buf, at + IPV4_FRAG_OFF, 0);
  ipv4SetChecksum(whole.buf, at);
  whole.dev = first.dev;
  whole.protocol = first.protocol;
  whole.pktType = first.pktType;
  whole.networkHeader = at;
  whole.transportHeader = at + hlen;
}
