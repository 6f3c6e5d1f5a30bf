/**
 * Segments of one TCP flow, or datagrams of one UDP flow, on their way to be one super-frame. cf. tcp_gro_receive,
 * udp_gro_receive_segment and inet_gro_receive, whose rules these are: all headers alike but for lengths, IPv4 id,
 * sequence number, PSH and checksum; in sequence; each as long as the first, the last perhaps shorter.
 * Datagrams are cut again as they were, to the byte, so their IPv4 ids must count up.
 *
 * No payload byte is read. The merged checksum follows from the segments' own: it is right exactly if they all are
 * (two wrong ones that cancel out, one chance in 65,535, apart), so a receiver that verifies it still finds the damage.
 */
import {
  csumBlockAddOdd,
  csumFold,
  csumFold16,
  csumPartial,
  csumPseudo6,
  csumUpdate16,
  getU16,
  IP_DF,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_CHECK,
  IPV4_FRAG_OFF,
  IPV4_SADDR,
  IPV4_TOT_LEN,
  IPV4_TTL,
  IPV6_HLEN,
  IPV6_NEXTHDR,
  IPV6_PAYLOAD_LEN,
  IPV6_SADDR,
  putU16,
  TCP_ACK_SEQ,
  TCP_CHECK,
  TCP_FLAG_PSH,
  TCP_FLAGS,
  TCP_HLEN,
  TCP_WINDOW,
  UDP_CHECK,
  UDP_LEN,
  VIRTIO_NET_HDR_GSO_TCPV4,
  VIRTIO_NET_HDR_GSO_TCPV6,
  VIRTIO_NET_HDR_GSO_UDP_L4,
} from '@etherloom/frame';
import type { GroFrame } from './gro-frame.ts';
import type { SkBuff } from './skbuff.ts';

/** The most segments of one super-frame. */
export const GRO_MAX_SEGS = 128;
const MAX_L3_LEN = 65535;
/** The most datagrams of one super-frame. */
const UDP_GRO_CNT_MAX = 64;

const ID_EITHER = 0;
const ID_COUNTS = 1;
const ID_FIXED = 2;

export class GroFlow {
  /** The segments, in order; `count` of them. The first one's headers become those of the super-frame. */
  readonly skbs: (SkBuff | null)[] = new Array<SkBuff | null>(GRO_MAX_SEGS).fill(null);
  count = 0;
  hash = 0;
  /** Headers of each segment, and the payload of all. */
  hdrLen = 0;
  payload = 0;
  /** Payload of the first segment: gso_size. */
  mss = 0;
  gsoType = VIRTIO_NET_HDR_GSO_TCPV4;
  /** When it was first found held over a poll; -1: not yet. */
  heldSince = -1;
  /** Where the TCP or UDP header begins, from the frame's first byte. */
  l4 = 0;
  #ipv4 = false;
  #udp = false;
  #l3 = 0;
  #nextSeq = 0;
  #id = 0;
  #idRule = ID_EITHER;
  #psh = false;
  /** Sum of the payloads, as their checksums claim it. */
  #sum = 0;

  begin(skb: SkBuff, frame: GroFrame): void {
    this.heldSince = -1;
    this.hash = frame.hash;
    this.hdrLen = frame.hdrLen;
    this.mss = frame.payload;
    this.payload = 0;
    this.count = 0;
    this.#ipv4 = frame.ipv4;
    this.#udp = frame.udp;
    this.gsoType = frame.ipv4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
    if (frame.udp) this.gsoType = VIRTIO_NET_HDR_GSO_UDP_L4;
    this.#l3 = frame.l3;
    this.l4 = frame.l4;
    this.#id = frame.id;
    const counts =
      frame.udp || (this.#ipv4 && (getU16(skb.buf, skb.data + frame.l3 + IPV4_FRAG_OFF) & IP_DF) === 0);
    this.#idRule = counts ? ID_COUNTS : ID_EITHER;
    this.#psh = false;
    this.#sum = 0;
    this.#add(skb, frame);
  }

  /** Appends the segment; false, and nothing changed, when it does not follow. */
  merge(skb: SkBuff, frame: GroFrame): boolean {
    if (
      (frame.seq !== this.#nextSeq && !this.#udp) ||
      frame.payload > this.mss ||
      frame.hdrLen !== this.hdrLen
    )
      return false;
    if (frame.l4 !== this.l4 || frame.ipv4 !== this.#ipv4 || frame.udp !== this.#udp) return false;
    if (this.count === (this.#udp ? UDP_GRO_CNT_MAX : GRO_MAX_SEGS)) return false;
    if (this.hdrLen - this.#l3 + this.payload + frame.payload > MAX_L3_LEN) return false;
    if (!this.#sameHeaders(skb) || !this.#idFollows(frame.id)) return false;
    this.#add(skb, frame);
    return true;
  }

  /** True when nothing may follow: the last segment was pushed, or was shorter than the first. */
  get complete(): boolean {
    return this.#psh || this.payload !== this.count * this.mss;
  }

  /** Makes the first segment's headers those of the super-frame; its checksum is right if each segment's was. */
  finish(): void {
    const { buf, data } = this.skbs[0]!;
    const check = data + this.l4 + this.csumOffset;
    const pseudo = this.#putLengths(buf, data);
    putU16(buf, check, 0);
    const sum = csumFold(pseudo + csumPartial(buf, data + this.l4, this.hdrLen - this.l4) + this.#sum);
    putU16(buf, check, this.#udp && sum === 0 ? 0xffff : sum);
  }

  /** The same of a copy of the headers at buf[data], but for the checksum: it is left out, as CHECKSUM_PARTIAL has it. */
  finishPartial(buf: Uint8Array, data: number): void {
    const pseudo = this.#putLengths(buf, data);
    putU16(buf, data + this.l4 + this.csumOffset, ~csumFold(pseudo) & 0xffff);
  }

  /** Whether bytes that sum to this are what the segments' checksums claim. */
  claims(payloadSum: number): boolean {
    return csumFold16(payloadSum) % 0xffff === csumFold16(this.#sum) % 0xffff;
  }

  /** Of the checksum, in the TCP or UDP header. */
  get csumOffset(): number {
    return this.#udp ? UDP_CHECK : TCP_CHECK;
  }

  /** All but the checksum; returns the sum of the pseudo header. */
  #putLengths(buf: Uint8Array, data: number): number {
    const l3 = data + this.#l3;
    const l4 = data + this.l4;
    const l4Len = this.hdrLen - this.l4 + this.payload;
    if (this.#ipv4) csumUpdate16(buf, l3 + IPV4_CHECK, l3 + IPV4_TOT_LEN, this.l4 - this.#l3 + l4Len);
    else putU16(buf, l3 + IPV6_PAYLOAD_LEN, l4Len);
    if (this.#udp) putU16(buf, l4 + UDP_LEN, l4Len);
    else if (this.#psh) buf[l4 + TCP_FLAGS] = buf[l4 + TCP_FLAGS]! | TCP_FLAG_PSH;
    return this.#pseudo(buf, l3, l4Len);
  }

  #add(skb: SkBuff, frame: GroFrame): void {
    const claimed = this.#claimedSum(skb, frame);
    this.#sum = (this.payload & 1) === 0 ? this.#sum + claimed : csumBlockAddOdd(this.#sum, claimed);
    this.skbs[this.count++] = skb;
    this.payload += frame.payload;
    this.#nextSeq = (frame.seq + frame.payload) >>> 0;
    this.#psh = frame.psh;
  }

  /** What the payload sums to if the segment's checksum is right. */
  #claimedSum(skb: SkBuff, frame: GroFrame): number {
    const { buf, data } = skb;
    const l4Len = skb.tail - data - frame.l4;
    const rest =
      this.#pseudo(buf, data + frame.l3, l4Len) + csumPartial(buf, data + frame.l4, frame.hdrLen - frame.l4);
    return ~csumFold16(rest) & 0xffff;
  }

  #pseudo(buf: Uint8Array, l3: number, l4Len: number): number {
    const protocol = this.#udp ? IPPROTO_UDP : IPPROTO_TCP;
    if (this.#ipv4) return csumPartial(buf, l3 + IPV4_SADDR, 8, protocol + l4Len);
    return csumPseudo6(buf, l3, protocol, l4Len);
  }

  #sameHeaders(skb: SkBuff): boolean {
    const first = this.skbs[0]!;
    const a = first.buf;
    const b = skb.buf;
    const at = first.data;
    const shift = skb.data - at;
    const l3 = at + this.#l3;
    const l4 = at + this.l4;
    if (!same(a, b, shift, at, l3) || !same(a, b, shift, l4, l4 + 4)) return false;
    if (!this.#udp && !same(a, b, shift, l4 + TCP_ACK_SEQ, l4 + TCP_ACK_SEQ + 4)) return false;
    if (!this.#udp && !same(a, b, shift, l4 + TCP_WINDOW, l4 + TCP_WINDOW + 2)) return false;
    if (!this.#udp && !same(a, b, shift, l4 + TCP_HLEN, at + this.hdrLen)) return false;
    return this.#ipv4 ? sameIpv4(a, b, shift, l3) : sameIpv6(a, b, shift, l3);
  }

  /** IPv4 ids count up; of atomic datagrams (DF) they may also stay the same. */
  #idFollows(id: number): boolean {
    if (!this.#ipv4) return true;
    const counts = id === ((this.#id + this.count) & 0xffff);
    const rule = counts ? ID_COUNTS : ID_FIXED;
    if (!counts && id !== this.#id) return false;
    if (this.#idRule !== ID_EITHER && this.#idRule !== rule) return false;
    this.#idRule = rule;
    return true;
  }
}

function same(a: Uint8Array, b: Uint8Array, shift: number, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (a[i] !== b[i + shift]) return false;
  return true;
}

/** TOS, DF, TTL and addresses. */
function sameIpv4(a: Uint8Array, b: Uint8Array, shift: number, l3: number): boolean {
  return (
    same(a, b, shift, l3, l3 + 2) &&
    same(a, b, shift, l3 + IPV4_FRAG_OFF, l3 + IPV4_TTL + 1) &&
    same(a, b, shift, l3 + IPV4_SADDR, l3 + IPV4_SADDR + 8)
  );
}

/** Class, flow label, hop limit and addresses. */
function sameIpv6(a: Uint8Array, b: Uint8Array, shift: number, l3: number): boolean {
  return (
    same(a, b, shift, l3, l3 + 4) &&
    same(a, b, shift, l3 + IPV6_NEXTHDR, l3 + IPV6_SADDR) &&
    same(a, b, shift, l3 + IPV6_SADDR, l3 + IPV6_HLEN)
  );
}
