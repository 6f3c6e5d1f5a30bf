/** ICMPv6 (RFC 4443) and neighbour discovery (RFC 4861): offsets, for those who look into frames. */

export const ICMPV6_HLEN = 8;

/** Field offsets from the start of the ICMPv6 message. */
export const ICMPV6_TYPE = 0;
export const ICMPV6_CODE = 1;
export const ICMPV6_CHECK = 2;
export const ICMPV6_REST = 4;
export const ICMPV6_ECHO_ID = 4;
export const ICMPV6_ECHO_SEQ = 6;
/** Of a neighbour solicitation or advertisement. */
export const ICMPV6_ND_TARGET = 8;

export const ICMPV6_DEST_UNREACH = 1;
export const ICMPV6_PKT_TOOBIG = 2;
export const ICMPV6_TIME_EXCEED = 3;
export const ICMPV6_PARAMPROB = 4;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;
export const NDISC_ROUTER_SOLICITATION = 133;
export const NDISC_ROUTER_ADVERTISEMENT = 134;
export const NDISC_NEIGHBOUR_SOLICITATION = 135;
export const NDISC_NEIGHBOUR_ADVERTISEMENT = 136;

export function icmpv6Type(buf: Uint8Array, at: number): number {
  return buf[at + ICMPV6_TYPE]!;
}
