/**
 * GSO: makes frames for the wire of one that Linux left unfinished: a super-frame of up to 64 KiB, or one without its
 * checksum. cf. net/ipv4/tcp_offload.c, net/ipv6/ip6_offload.c, net/ipv4/udp_offload.c, skb_checksum_help
 *
 *   load(): the frame in `buf` behind its virtio_net_hdr -> how many segments    next(): one segment, an skb of its own
 *
 * Segments are taken one by one, so that who takes them can pause in the middle. What every segment has of the first
 * header is in place; lengths, IPv4 ids, sequence numbers, flags and checksums are each segment's own.
 */
import {
  copyBytes,
  csumFold,
  csumPartial,
  csumView,
  csumWords,
  ETH_HLEN,
  ETH_P_8021AD,
  ETH_P_8021Q,
  ETH_P_IP,
  ETH_P_IPV6,
  getU16,
  getU32,
  IPV4_HLEN,
  IPV4_ID,
  IPV4_TOT_LEN,
  IPV6_HLEN,
  IPV6_PAYLOAD_LEN,
  ipv4SetChecksum,
  putU16,
  putU32,
  TCP_CHECK,
  TCP_FLAG_CWR,
  TCP_FLAG_FIN,
  TCP_FLAG_PSH,
  TCP_FLAGS,
  TCP_HLEN,
  TCP_SEQ,
  tcpHeaderLen,
  UDP_CHECK,
  UDP_HLEN,
  UDP_LEN,
  VLAN_HLEN,
} from '@etherloom/frame';
import type { SkbPool } from './skb-pool.ts';
import type { SkBuff } from './skbuff.ts';
import {
  VIRTIO_NET_HDR_F_NEEDS_CSUM,
  VIRTIO_NET_HDR_GSO_ECN,
  VIRTIO_NET_HDR_GSO_NONE,
  VIRTIO_NET_HDR_GSO_TCPV4,
  VIRTIO_NET_HDR_GSO_TCPV6,
  VIRTIO_NET_HDR_GSO_UDP_L4,
  VIRTIO_NET_HDR_LEN,
  VNET_CSUM_OFFSET,
  VNET_CSUM_START,
  VNET_FLAGS,
  VNET_GSO_SIZE,
  VNET_GSO_TYPE,
  vnetU16,
} from './virtio-net-hdr.ts';

/** A virtio_net_hdr, a header with two tags, and the longest IP packet. */
export const GSO_MAX_FRAME = VIRTIO_NET_HDR_LEN + ETH_HLEN + 2 * VLAN_HLEN + 65535;

/** load(): the virtio_net_hdr and the frame do not fit each other. */
export const GSO_MALFORMED = -1;

/** CSUM_MANGLED_0: a checksum of zero means "none" to UDP. */
const MANGLED_0 = 0xffff;

export class GsoSegmenter {
  /** The frame goes here, virtio_net_hdr first. */
  readonly buf = new Uint8Array((GSO_MAX_FRAME + 4) & ~3);
  /** Segments not yet taken. */
  left = 0;
  /** Length of the longest segment, Ethernet header included. */
  maxLen = 0;
  readonly #words = csumView(this.buf);
  #end = 0;
  /** Where the next segment's payload begins. */
  #payload = 0;
  /** Offsets of headers in the frame, which begins at VIRTIO_NET_HDR_LEN. */
  #l3 = 0;
  #l4 = 0;
  #hdrLen = 0;
  #gsoSize = 0;
  #type = VIRTIO_NET_HDR_GSO_NONE;
  #ipv4 = false;
  #csumStart = -1;
  #csumAt = 0;
  #index = 0;
  /** Sum of the pseudo header without its length. */
  #pseudo = 0;

  /** Takes the frame of `length` bytes, header included, that `buf` holds; returns its segments, or GSO_MALFORMED. */
  load(length: number): number {
    const { buf } = this;
    this.left = 0;
    this.#end = length;
    this.#payload = VIRTIO_NET_HDR_LEN;
    this.#hdrLen = 0;
    this.#index = 0;
    this.#type = buf[VNET_GSO_TYPE]! & ~VIRTIO_NET_HDR_GSO_ECN;
    this.maxLen = length - VIRTIO_NET_HDR_LEN;
    if (this.maxLen < 0 || !this.#loadCsum(length)) return GSO_MALFORMED;
    if (this.#type === VIRTIO_NET_HDR_GSO_NONE) this.left = 1;
    else if (!this.#loadGso(length)) return GSO_MALFORMED;
    return this.left;
  }

  /** The next segment; null, and nothing changed, when the pool is exhausted. Call it `left` times. */
  next(pool: SkbPool): SkBuff | null {
    const payload = this.#type === VIRTIO_NET_HDR_GSO_NONE ? this.maxLen : this.#gsoSize;
    const at = this.#payload;
    const len = Math.min(payload, this.#end - at);
    const skb = pool.alloc(this.#hdrLen + len);
    if (skb === null) return null;
    const start = skb.put(this.#hdrLen + len);
    copyBytes(this.buf, at, skb.buf, start + this.#hdrLen, len);
    if (this.#type !== VIRTIO_NET_HDR_GSO_NONE) this.#finishSegment(skb.buf, start, at, len);
    else if (this.#csumStart >= 0) this.#finishChecksum(skb.buf, start);
    this.#payload = at + len;
    this.#index++;
    this.left--;
    return skb;
  }

  #loadCsum(length: number): boolean {
    const { buf } = this;
    this.#csumStart = -1;
    if ((buf[VNET_FLAGS]! & VIRTIO_NET_HDR_F_NEEDS_CSUM) === 0) return true;
    this.#csumStart = VIRTIO_NET_HDR_LEN + vnetU16(buf, VNET_CSUM_START);
    this.#csumAt = this.#csumStart + vnetU16(buf, VNET_CSUM_OFFSET);
    return this.#csumAt + 2 <= length;
  }

  /** What a super-frame needs to be cut: its headers, and a checksum left to us. cf. tcp4_gso_segment */
  #loadGso(length: number): boolean {
    const { buf } = this;
    this.#gsoSize = vnetU16(buf, VNET_GSO_SIZE);
    this.#l3 = VIRTIO_NET_HDR_LEN + ETH_HLEN;
    let type = getU16(buf, this.#l3 - 2);
    for (; type === ETH_P_8021Q || type === ETH_P_8021AD; this.#l3 += VLAN_HLEN) {
      if (this.#l3 + VLAN_HLEN > length) return false;
      type = getU16(buf, this.#l3 + 2);
    }
    this.#ipv4 = type === ETH_P_IP;
    this.#l4 = this.#csumStart;
    const l3Len = this.#ipv4 ? IPV4_HLEN : IPV6_HLEN;
    if ((!this.#ipv4 && type !== ETH_P_IPV6) || this.#l4 < this.#l3 + l3Len) return false;
    if (this.#gsoSize === 0 || !this.#loadL4(length)) return false;
    const payload = length - this.#payload;
    this.left = Math.ceil(payload / this.#gsoSize);
    this.maxLen = this.#hdrLen + Math.min(payload, this.#gsoSize);
    this.#pseudo = getU16(buf, this.#csumAt) + (~(length - this.#l4) & 0xffff);
    return payload > 0;
  }

  #loadL4(length: number): boolean {
    const tcp = this.#type === VIRTIO_NET_HDR_GSO_TCPV4 || this.#type === VIRTIO_NET_HDR_GSO_TCPV6;
    if (!tcp && this.#type !== VIRTIO_NET_HDR_GSO_UDP_L4) return false;
    if (this.#l4 + (tcp ? TCP_HLEN : UDP_HLEN) > length) return false;
    const l4Len = tcp ? tcpHeaderLen(this.buf, this.#l4) : UDP_HLEN;
    if (tcp && l4Len < TCP_HLEN) return false;
    this.#payload = this.#l4 + l4Len;
    this.#hdrLen = this.#payload - VIRTIO_NET_HDR_LEN;
    return this.#csumAt === this.#l4 + (tcp ? TCP_CHECK : UDP_CHECK);
  }

  /** cf. skb_checksum_help */
  #finishChecksum(to: Uint8Array, start: number): void {
    const from = this.#csumStart;
    const check = csumFold(csumWords(this.buf, this.#words, from, this.#end - from));
    putU16(to, start + this.#csumAt - VIRTIO_NET_HDR_LEN, check === 0 ? MANGLED_0 : check);
  }

  #finishSegment(to: Uint8Array, start: number, payload: number, len: number): void {
    copyBytes(this.buf, VIRTIO_NET_HDR_LEN, to, start, this.#hdrLen);
    const shift = start - VIRTIO_NET_HDR_LEN;
    const l4 = this.#l4 + shift;
    const l4Total = start + this.#hdrLen + len - l4;
    this.#finishIp(to, this.#l3 + shift, l4 + l4Total);
    const udp = this.#type === VIRTIO_NET_HDR_GSO_UDP_L4;
    if (udp) putU16(to, l4 + UDP_LEN, l4Total);
    else this.#finishTcp(to, l4);
    const checkAt = this.#csumAt + shift;
    putU16(to, checkAt, 0);
    const header = csumPartial(to, l4, start + this.#hdrLen - l4, this.#pseudo + l4Total);
    const check = csumFold(header + csumWords(this.buf, this.#words, payload, len));
    putU16(to, checkAt, udp && check === 0 ? MANGLED_0 : check);
  }

  #finishIp(to: Uint8Array, l3: number, end: number): void {
    if (!this.#ipv4) {
      putU16(to, l3 + IPV6_PAYLOAD_LEN, end - l3 - IPV6_HLEN);
      return;
    }
    putU16(to, l3 + IPV4_TOT_LEN, end - l3);
    putU16(to, l3 + IPV4_ID, getU16(to, l3 + IPV4_ID) + this.#index);
    ipv4SetChecksum(to, l3);
  }

  /** CWR is the first segment's alone; PSH and FIN are the last one's. */
  #finishTcp(to: Uint8Array, l4: number): void {
    putU32(to, l4 + TCP_SEQ, getU32(to, l4 + TCP_SEQ) + this.#index * this.#gsoSize);
    let off = this.#index === 0 ? 0 : TCP_FLAG_CWR;
    if (this.left > 1) off |= TCP_FLAG_FIN | TCP_FLAG_PSH;
    to[l4 + TCP_FLAGS] = to[l4 + TCP_FLAGS]! & ~off;
  }
}
