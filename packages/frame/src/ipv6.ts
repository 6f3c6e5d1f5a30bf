/** The IPv6 fixed header (RFC 8200): offsets and readers, for those who look into frames. The user stack has no IPv6. */

export const IPV6_HLEN = 40;
export const IPV6_MIN_MTU = 1280;

export const IPV6_PAYLOAD_LEN = 4;
export const IPV6_NEXTHDR = 6;
export const IPV6_SADDR = 8;

export const NEXTHDR_HOP = 0;
export const NEXTHDR_ROUTING = 43;
export const NEXTHDR_DEST = 60;

export function ipv6Version(buf: Uint8Array, at: number): number {
  return buf[at]! >>> 4;
}
