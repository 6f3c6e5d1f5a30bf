/**
 * The Internet checksum (RFC 1071, RFC 1624). A partial sum is a plain number that can be added to; only csumFold
 * makes it the 16 bits of a header field. A partial sum may be continued after an even number of bytes only.
 */
import { getU16 } from './bytes.ts';

/** Adds the big-endian 16-bit words of buf[at, at+len) to `sum`; an odd last byte is padded with zero. */
export function csumPartial(buf: Uint8Array, at: number, len: number, sum = 0): number {
  let words = 0; // at most 32767 words of 16 bits: stays a small integer
  const end = at + (len & ~1);
  for (let i = at; i < end; i += 2) words += (buf[i]! << 8) | buf[i + 1]!;
  if ((len & 1) !== 0) words += buf[end]! << 8;
  return sum + words;
}

/** The checksum field for a partial sum. Over data that holds its own right checksum it is 0. */
export function csumFold(sum: number): number {
  let s = sum;
  while (s > 0xffff) s = (s % 0x10000) + Math.floor(s / 0x10000);
  return ~s & 0xffff;
}

export function ipChecksum(buf: Uint8Array, at: number, len: number): number {
  return csumFold(csumPartial(buf, at, len));
}

/** The partial sum of the IPv4 pseudo header of UDP and TCP. */
export function csumPseudo(saddr: number, daddr: number, proto: number, len: number): number {
  return (saddr >>> 16) + (saddr & 0xffff) + (daddr >>> 16) + (daddr & 0xffff) + proto + len;
}

/** The partial sum of the IPv6 pseudo header; the addresses are read in place from the header at `ip6At`. */
export function csumPseudo6(buf: Uint8Array, ip6At: number, proto: number, len: number): number {
  return csumPartial(buf, ip6At + 8, 32, proto + (len >>> 16) + (len & 0xffff));
}

/** The checksum after a 16-bit word it covers changed from `from` to `to` (RFC 1624, equation 3). */
export function csumReplace2(check: number, from: number, to: number): number {
  return csumFold((~check & 0xffff) + (~from & 0xffff) + to);
}

/** As csumReplace2 for the word at `at`, for a header whose checksum field is at `checkAt`. */
export function csumUpdate16(buf: Uint8Array, checkAt: number, at: number, to: number): void {
  const check = csumReplace2(getU16(buf, checkAt), getU16(buf, at), to);
  buf[at] = to >>> 8;
  buf[at + 1] = to;
  buf[checkAt] = check >>> 8;
  buf[checkAt + 1] = check;
}
