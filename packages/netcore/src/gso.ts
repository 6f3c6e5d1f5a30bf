/**
 * GSO: makes frames for the wire of one that was left unfinished: a super-frame of up to 64 KiB, or one without its
 * checksum. cf. net/ipv4/tcp_offload.c, net/ipv6/ip6_offload.c, net/ipv4/udp_offload.c, skb_checksum_help
 *
 *   loadSkb(), loadRecord(): a frame whose description has been checked    emit(): one frame, `left` times
 *
 * What every segment has of the first header is in place; lengths, IPv4 ids, sequence numbers, flags and checksums are
 * each segment's own. The source is read until the last frame was emitted.
 */
import {
  copyBytes,
  csumFold,
  csumPartial,
  csumWords,
  ETH_HLEN,
  ETH_P_8021AD,
  ETH_P_8021Q,
  ETH_P_IP,
  getU16,
  getU32,
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
  TCP_SEQ,
  UDP_CHECK,
  UDP_LEN,
  VIRTIO_NET_HDR_F_NEEDS_CSUM,
  VIRTIO_NET_HDR_GSO_NONE,
  VIRTIO_NET_HDR_GSO_UDP_L4,
  VIRTIO_NET_HDR_LEN,
  VLAN_HLEN,
  VNET_CSUM_OFFSET,
  VNET_CSUM_START,
  VNET_FLAGS,
  VNET_GSO_SIZE,
  VNET_GSO_TYPE,
  VNET_HDR_LEN,
  vnetU16,
} from '@etherloom/frame';
import { SKB_GSO_UDP_L4, type SkBuff, skbGsoHeaderLen } from './skbuff.ts';
import { WordBuffer } from './word-buffer.ts';

/** CSUM_MANGLED_0: a checksum of zero means "none" to UDP. */
const MANGLED_0 = 0xffff;
const NO_CSUM = -1;

export class GsoSegmenter {
  /** Frames not yet emitted. */
  left = 0;
  readonly #source = new WordBuffer();
  #start = 0;
  #end = 0;
  /** Where the next segment's payload begins. */
  #payload = 0;
  #l3 = 0;
  #hdrLen = 0;
  /** 0: the frame is whole, but perhaps for its checksum. */
  #gsoSize = 0;
  #ipv4 = false;
  #udp = false;
  #csumStart = NO_CSUM;
  #csumAt = 0;
  #index = 0;
  /** Sum of the pseudo header without its length. */
  #pseudo = 0;

  /** An skb whose data begins with its Ethernet header; borrows it. */
  loadSkb(skb: SkBuff): void {
    const shift = this.#source.open(skb.buf);
    this.#csumStart = shift + skb.csumStart;
    this.#csumAt = this.#csumStart + skb.csumOffset;
    this.#udp = skb.gsoType === SKB_GSO_UDP_L4;
    this.#load(shift + skb.data, shift + skb.tail, skb.gsoSize, skbGsoHeaderLen(skb));
  }

  /** The frame of `length` bytes behind the checked virtio_net_hdr at `at`. */
  loadRecord(buf: Uint8Array, at: number, length: number): void {
    const start = this.#source.open(buf) + at + VIRTIO_NET_HDR_LEN;
    const needsCsum = (buf[at + VNET_FLAGS]! & VIRTIO_NET_HDR_F_NEEDS_CSUM) !== 0;
    this.#csumStart = needsCsum ? start + vnetU16(buf, at + VNET_CSUM_START) : NO_CSUM;
    this.#csumAt = this.#csumStart + vnetU16(buf, at + VNET_CSUM_OFFSET);
    this.#udp = buf[at + VNET_GSO_TYPE] === VIRTIO_NET_HDR_GSO_UDP_L4;
    const gso = buf[at + VNET_GSO_TYPE] !== VIRTIO_NET_HDR_GSO_NONE;
    const gsoSize = gso ? vnetU16(buf, at + VNET_GSO_SIZE) : 0;
    this.#load(start, start + length, gsoSize, vnetU16(buf, at + VNET_HDR_LEN));
  }

  /** Length of the frame that emit() makes next. */
  get nextLength(): number {
    if (this.#gsoSize === 0) return this.#end - this.#start;
    return this.#hdrLen + Math.min(this.#gsoSize, this.#end - this.#payload);
  }

  /** Writes the next frame to to[at]: `nextLength` bytes. */
  emit(to: Uint8Array, at: number): void {
    if (this.#gsoSize === 0) this.#emitWhole(to, at);
    else this.#emitSegment(to, at);
    this.#index++;
    this.left--;
  }

  #load(start: number, end: number, gsoSize: number, hdrLen: number): void {
    this.#start = start;
    this.#end = end;
    this.#gsoSize = gsoSize;
    this.#index = 0;
    this.left = 1;
    if (gsoSize === 0) return;
    const { bytes } = this.#source;
    this.#hdrLen = hdrLen;
    this.#payload = start + hdrLen;
    this.#l3 = l3Of(bytes, start);
    this.#ipv4 = getU16(bytes, this.#l3 - 2) === ETH_P_IP;
    this.left = Math.ceil((end - this.#payload) / gsoSize);
    this.#pseudo = getU16(bytes, this.#csumAt) + (~(end - this.#csumStart) & 0xffff);
  }

  /** cf. skb_checksum_help */
  #emitWhole(to: Uint8Array, at: number): void {
    const { bytes, words } = this.#source;
    const start = this.#start;
    const from = this.#csumStart;
    copyBytes(bytes, start, to, at, this.#end - start);
    if (from < 0) return;
    const check = csumFold(csumWords(bytes, words, from, this.#end - from));
    putU16(to, at + this.#csumAt - start, check === 0 ? MANGLED_0 : check);
  }

  #emitSegment(to: Uint8Array, at: number): void {
    const { bytes, words } = this.#source;
    const payload = this.#payload;
    const len = Math.min(this.#gsoSize, this.#end - payload);
    const hdrLen = this.#hdrLen;
    copyBytes(bytes, this.#start, to, at, hdrLen);
    copyBytes(bytes, payload, to, at + hdrLen, len);
    this.#payload = payload + len;
    const shift = at - this.#start;
    const l4 = this.#csumStart + shift;
    const end = at + hdrLen + len;
    this.#finishIp(to, this.#l3 + shift, end);
    if (this.#udp) putU16(to, l4 + UDP_LEN, end - l4);
    else this.#finishTcp(to, l4);
    const checkAt = l4 + (this.#udp ? UDP_CHECK : TCP_CHECK);
    putU16(to, checkAt, 0);
    const header = csumPartial(to, l4, at + hdrLen - l4, this.#pseudo + end - l4);
    const check = csumFold(header + csumWords(bytes, words, payload, len));
    putU16(to, checkAt, this.#udp && check === 0 ? MANGLED_0 : check);
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

/** Where the header behind the Ethernet header and its tags begins. */
function l3Of(buf: Uint8Array, frame: number): number {
  let at = frame + ETH_HLEN;
  for (;;) {
    const type = getU16(buf, at - 2);
    if (type !== ETH_P_8021Q && type !== ETH_P_8021AD) return at;
    at += VLAN_HLEN;
  }
}
