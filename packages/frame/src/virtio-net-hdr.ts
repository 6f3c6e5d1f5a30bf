/**
 * struct virtio_net_hdr: what a frame needs done before it is one for the wire. cf. include/uapi/linux/virtio_net.h
 * Ten bytes in front of the frame, numbers little endian, offsets counted from the frame's first byte:
 *
 *   flags u8 | gso_type u8 | hdr_len u16 | gso_size u16 | csum_start u16 | csum_offset u16
 *
 * Whoever takes frames from outside checks each header once (vnetCheck); that also makes hdr_len exact, which Linux
 * means as a hint only. Everybody behind may count segments and wire bytes from the header alone.
 */
import { getU16 } from './bytes.ts';
import { ETH_HLEN, ETH_P_8021AD, ETH_P_8021Q, ETH_P_IP, ETH_P_IPV6 } from './ethernet.ts';
import {
  IP_DF,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_FRAG_OFF,
  IPV4_HLEN,
  IPV4_PROTOCOL,
  ipv4HeaderLen,
  ipv4Version,
} from './ipv4.ts';
import { IPV6_HLEN, IPV6_NEXTHDR, ipv6Version, NEXTHDR_DEST, NEXTHDR_HOP, NEXTHDR_ROUTING } from './ipv6.ts';
import { TCP_CHECK, TCP_HLEN, tcpHeaderLen } from './tcp.ts';
import { UDP_CHECK, UDP_HLEN } from './udp.ts';
import { VLAN_HLEN } from './vlan.ts';

export const VIRTIO_NET_HDR_LEN = 10;

/** Checksum from csum_start to the end, to be written at csum_start + csum_offset, where the pseudo header's sum is. */
export const VIRTIO_NET_HDR_F_NEEDS_CSUM = 1;
/** The checksum has been verified. */
export const VIRTIO_NET_HDR_F_DATA_VALID = 2;

export const VIRTIO_NET_HDR_GSO_NONE = 0;
export const VIRTIO_NET_HDR_GSO_TCPV4 = 1;
export const VIRTIO_NET_HDR_GSO_TCPV6 = 4;
export const VIRTIO_NET_HDR_GSO_UDP_L4 = 5;
/** A bit beside the type: the segments are of an ECN flow, and the first alone says CWR. */
export const VIRTIO_NET_HDR_GSO_ECN = 0x80;

/** Field offsets. */
export const VNET_FLAGS = 0;
export const VNET_GSO_TYPE = 1;
export const VNET_HDR_LEN = 2;
export const VNET_GSO_SIZE = 4;
export const VNET_CSUM_START = 6;
export const VNET_CSUM_OFFSET = 8;

/** The header and its frame do not fit each other. */
export const VNET_MALFORMED = -1;
/** More segments than that of one frame are an attack on who must cut it. */
export const VNET_MAX_SEGS = 4096;
const MAX_TAGS = 2;
const NONE = -1;

export function vnetU16(buf: Uint8Array, at: number): number {
  return buf[at]! | (buf[at + 1]! << 8);
}

export function putVnetU16(buf: Uint8Array, at: number, value: number): void {
  buf[at] = value;
  buf[at + 1] = value >>> 8;
}

/** A header that asks for nothing: the frame behind it is as it was on the wire. */
export function putVnetNone(buf: Uint8Array, at: number): void {
  for (let i = 0; i < VIRTIO_NET_HDR_LEN; i++) buf[at + i] = 0;
}

/** A header of a super-frame whose checksums are whole. */
export function putVnetGso(
  buf: Uint8Array,
  at: number,
  gsoType: number,
  hdrLen: number,
  gsoSize: number,
): void {
  putVnetNone(buf, at);
  buf[at + VNET_GSO_TYPE] = gsoType;
  putVnetU16(buf, at + VNET_HDR_LEN, hdrLen);
  putVnetU16(buf, at + VNET_GSO_SIZE, gsoSize);
}

/** How many frames of the wire the frame of `length` bytes behind the checked header at `at` is. */
export function vnetSegs(buf: Uint8Array, at: number, length: number): number {
  if (buf[at + VNET_GSO_TYPE] === VIRTIO_NET_HDR_GSO_NONE) return 1;
  return Math.ceil((length - vnetU16(buf, at + VNET_HDR_LEN)) / vnetU16(buf, at + VNET_GSO_SIZE));
}

/** The bytes of those frames: each has the headers. */
export function vnetWireBytes(buf: Uint8Array, at: number, length: number): number {
  const segs = vnetSegs(buf, at, length);
  return segs === 1 ? length : length + (segs - 1) * vnetU16(buf, at + VNET_HDR_LEN);
}

/** The length of the longest of them. */
export function vnetLongest(buf: Uint8Array, at: number, length: number): number {
  if (buf[at + VNET_GSO_TYPE] === VIRTIO_NET_HDR_GSO_NONE) return length;
  return Math.min(length, vnetU16(buf, at + VNET_HDR_LEN) + vnetU16(buf, at + VNET_GSO_SIZE));
}

/**
 * Checks the header at `at` against the frame of `length` bytes behind it, and makes hdr_len exact.
 * Returns vnetSegs, or VNET_MALFORMED.
 */
export function vnetCheck(buf: Uint8Array, at: number, length: number): number {
  const flags = buf[at + VNET_FLAGS]!;
  const type = buf[at + VNET_GSO_TYPE]!;
  if ((flags | type) === 0) return 1;
  if (flags > (VIRTIO_NET_HDR_F_NEEDS_CSUM | VIRTIO_NET_HDR_F_DATA_VALID)) return VNET_MALFORMED;
  const needsCsum = (flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) !== 0;
  if (needsCsum && !csumFits(buf, at, length)) return VNET_MALFORMED;
  if (type === VIRTIO_NET_HDR_GSO_NONE) return 1;
  // The virtio specification wants the checksum left out wherever segments are.
  return needsCsum ? checkGso(buf, at, length, type) : VNET_MALFORMED;
}

function csumFits(buf: Uint8Array, at: number, length: number): boolean {
  const start = vnetU16(buf, at + VNET_CSUM_START);
  return start >= ETH_HLEN && start + vnetU16(buf, at + VNET_CSUM_OFFSET) + 2 <= length;
}

function checkGso(buf: Uint8Array, at: number, length: number, type: number): number {
  const frame = at + VIRTIO_NET_HDR_LEN;
  const l4 = l4Of(buf, frame, frame + length, type) - frame;
  if (l4 < 0 || l4 !== vnetU16(buf, at + VNET_CSUM_START)) return VNET_MALFORMED;
  const hdrLen = l4 + l4HeaderLen(buf, at, length, l4, type);
  const payload = length - hdrLen;
  const gsoSize = vnetU16(buf, at + VNET_GSO_SIZE);
  if (hdrLen <= l4 || payload <= 0 || gsoSize === 0) return VNET_MALFORMED;
  putVnetU16(buf, at + VNET_HDR_LEN, hdrLen);
  const segs = Math.ceil(payload / gsoSize);
  return segs > VNET_MAX_SEGS ? VNET_MALFORMED : segs;
}

/** The length of the TCP or UDP header at `l4`, or NONE when it is not whole or the checksum is not its own. */
function l4HeaderLen(buf: Uint8Array, at: number, length: number, l4: number, type: number): number {
  const udp = type === VIRTIO_NET_HDR_GSO_UDP_L4;
  const least = udp ? UDP_HLEN : TCP_HLEN;
  if (l4 + least > length) return NONE;
  if (vnetU16(buf, at + VNET_CSUM_OFFSET) !== (udp ? UDP_CHECK : TCP_CHECK)) return NONE;
  const len = udp ? UDP_HLEN : tcpHeaderLen(buf, at + VIRTIO_NET_HDR_LEN + l4);
  return len < least || l4 + len > length ? NONE : len;
}

/** Where the transport header begins, found by walking what is before it; NONE when that is not what `type` says. */
function l4Of(buf: Uint8Array, frame: number, end: number, type: number): number {
  const l3 = l3Of(buf, frame, end);
  if (l3 === NONE) return NONE;
  const ipv4 = getU16(buf, l3 - 2) === ETH_P_IP;
  if (!ipv4 && getU16(buf, l3 - 2) !== ETH_P_IPV6) return NONE;
  const tcp = ipv4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
  let protocol = IPPROTO_UDP;
  if ((type & ~VIRTIO_NET_HDR_GSO_ECN) === tcp) protocol = IPPROTO_TCP;
  else if (type !== VIRTIO_NET_HDR_GSO_UDP_L4) return NONE;
  return ipv4 ? ipv4Payload(buf, l3, end, protocol) : ipv6Payload(buf, l3, end, protocol);
}

/** Steps over the tags. */
function l3Of(buf: Uint8Array, frame: number, end: number): number {
  let at = frame + ETH_HLEN;
  for (let tags = 0; at <= end; tags++) {
    const proto = getU16(buf, at - 2);
    if (proto !== ETH_P_8021Q && proto !== ETH_P_8021AD) return at;
    if (tags === MAX_TAGS) return NONE;
    at += VLAN_HLEN;
  }
  return NONE;
}

function ipv4Payload(buf: Uint8Array, at: number, end: number, protocol: number): number {
  if (at + IPV4_HLEN > end || ipv4Version(buf, at) !== 4) return NONE;
  if (buf[at + IPV4_PROTOCOL] !== protocol || (getU16(buf, at + IPV4_FRAG_OFF) & ~IP_DF) !== 0) return NONE;
  const len = ipv4HeaderLen(buf, at);
  return len < IPV4_HLEN || at + len > end ? NONE : at + len;
}

/** Steps over the extension headers that every segment may have alike. */
function ipv6Payload(buf: Uint8Array, ip: number, end: number, protocol: number): number {
  let at = ip + IPV6_HLEN;
  if (at > end || ipv6Version(buf, ip) !== 6) return NONE;
  let next = buf[ip + IPV6_NEXTHDR]!;
  while (next !== protocol) {
    if (next !== NEXTHDR_HOP && next !== NEXTHDR_ROUTING && next !== NEXTHDR_DEST) return NONE;
    if (at + 8 > end) return NONE;
    next = buf[at]!;
    at += (buf[at + 1]! + 1) * 8;
  }
  return at > end ? NONE : at;
}
