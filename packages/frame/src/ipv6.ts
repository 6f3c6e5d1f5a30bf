/** The IPv6 fixed header (RFC 8200): offsets and readers, for those who look into frames. The user stack has no IPv6. */
import { getU16, getU32 } from './bytes.ts';

export const IPV6_HLEN = 40;
export const IPV6_ALEN = 16;
export const IPV6_MIN_MTU = 1280;

/** Field offsets from the start of the header. */
export const IPV6_VERSION_CLASS_FLOW = 0;
export const IPV6_PAYLOAD_LEN = 4;
export const IPV6_NEXTHDR = 6;
export const IPV6_HOP_LIMIT = 7;
export const IPV6_SADDR = 8;
export const IPV6_DADDR = 24;

export const NEXTHDR_HOP = 0;
export const NEXTHDR_TCP = 6;
export const NEXTHDR_UDP = 17;
export const NEXTHDR_ROUTING = 43;
export const NEXTHDR_FRAGMENT = 44;
export const NEXTHDR_ICMP = 58;
export const NEXTHDR_NONE = 59;
export const NEXTHDR_DEST = 60;

export function ipv6Version(buf: Uint8Array, at: number): number {
  return buf[at]! >>> 4;
}

export function ipv6FlowLabel(buf: Uint8Array, at: number): number {
  return getU32(buf, at) & 0xfffff;
}

export function ipv6PayloadLen(buf: Uint8Array, at: number): number {
  return getU16(buf, at + IPV6_PAYLOAD_LEN);
}

export function ipv6NextHdr(buf: Uint8Array, at: number): number {
  return buf[at + IPV6_NEXTHDR]!;
}

export function ipv6HopLimit(buf: Uint8Array, at: number): number {
  return buf[at + IPV6_HOP_LIMIT]!;
}
