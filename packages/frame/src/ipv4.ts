/** The IPv4 header (RFC 791). cf. include/uapi/linux/ip.h */
import { getU16, getU32, putU16, putU32 } from './bytes.ts';
import { ipChecksum } from './checksum.ts';

/** Without options; with them up to IPV4_MAX_HLEN. */
export const IPV4_HLEN = 20;
export const IPV4_MAX_HLEN = 60;
export const IPV4_MAX_LEN = 65535;

/** Field offsets from the start of the header. */
export const IPV4_VERSION_IHL = 0;
export const IPV4_TOS = 1;
export const IPV4_TOT_LEN = 2;
export const IPV4_ID = 4;
export const IPV4_FRAG_OFF = 6;
export const IPV4_TTL = 8;
export const IPV4_PROTOCOL = 9;
export const IPV4_CHECK = 10;
export const IPV4_SADDR = 12;
export const IPV4_DADDR = 16;

/** The flags and the offset, in units of 8 bytes, that share frag_off. */
export const IP_DF = 0x4000;
export const IP_MF = 0x2000;
export const IP_OFFSET = 0x1fff;

export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_ICMPV6 = 58;

export const IPDEFTTL = 64;

export function ipv4Version(buf: Uint8Array, at: number): number {
  return buf[at]! >>> 4;
}

/** Header length in bytes, options included. */
export function ipv4HeaderLen(buf: Uint8Array, at: number): number {
  return (buf[at]! & 0x0f) * 4;
}

export function ipv4TotLen(buf: Uint8Array, at: number): number {
  return getU16(buf, at + IPV4_TOT_LEN);
}

export function ipv4Id(buf: Uint8Array, at: number): number {
  return getU16(buf, at + IPV4_ID);
}

/** The raw field: IP_DF, IP_MF and the offset in units of 8 bytes. */
export function ipv4FragOff(buf: Uint8Array, at: number): number {
  return getU16(buf, at + IPV4_FRAG_OFF);
}

export function ipv4Ttl(buf: Uint8Array, at: number): number {
  return buf[at + IPV4_TTL]!;
}

export function ipv4Protocol(buf: Uint8Array, at: number): number {
  return buf[at + IPV4_PROTOCOL]!;
}

export function ipv4Saddr(buf: Uint8Array, at: number): number {
  return getU32(buf, at + IPV4_SADDR);
}

export function ipv4Daddr(buf: Uint8Array, at: number): number {
  return getU32(buf, at + IPV4_DADDR);
}

/** Writes a header without options and its checksum. */
export function putIpv4(
  buf: Uint8Array,
  at: number,
  totLen: number,
  id: number,
  fragOff: number,
  ttl: number,
  protocol: number,
  saddr: number,
  daddr: number,
): void {
  buf[at + IPV4_VERSION_IHL] = 0x45;
  buf[at + IPV4_TOS] = 0;
  putU16(buf, at + IPV4_TOT_LEN, totLen);
  putU16(buf, at + IPV4_ID, id);
  putU16(buf, at + IPV4_FRAG_OFF, fragOff);
  buf[at + IPV4_TTL] = ttl;
  buf[at + IPV4_PROTOCOL] = protocol;
  putU32(buf, at + IPV4_SADDR, saddr);
  putU32(buf, at + IPV4_DADDR, daddr);
  ipv4SetChecksum(buf, at);
}

/** Computes and writes the header checksum, options included. */
export function ipv4SetChecksum(buf: Uint8Array, at: number): void {
  putU16(buf, at + IPV4_CHECK, 0);
  putU16(buf, at + IPV4_CHECK, ipChecksum(buf, at, ipv4HeaderLen(buf, at)));
}

export function ipv4ChecksumOk(buf: Uint8Array, at: number): boolean {
  return ipChecksum(buf, at, ipv4HeaderLen(buf, at)) === 0;
}
