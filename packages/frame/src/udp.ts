/** UDP (RFC 768). cf. include/uapi/linux/udp.h */
import { getU16, putU16 } from './bytes.ts';
import { csumFold, csumPartial, csumPseudo } from './checksum.ts';
import { IPPROTO_UDP } from './ipv4.ts';

export const UDP_HLEN = 8;

/** Field offsets from the start of the header. */
export const UDP_SOURCE = 0;
export const UDP_DEST = 2;
export const UDP_LEN = 4;
export const UDP_CHECK = 6;

export function udpSource(buf: Uint8Array, at: number): number {
  return getU16(buf, at + UDP_SOURCE);
}

export function udpDest(buf: Uint8Array, at: number): number {
  return getU16(buf, at + UDP_DEST);
}

/** Header and payload. */
export function udpLen(buf: Uint8Array, at: number): number {
  return getU16(buf, at + UDP_LEN);
}

/** Writes the 8 bytes at `at` with the checksum; the payload behind them must be in place. `len` counts both. */
export function putUdp(
  buf: Uint8Array,
  at: number,
  source: number,
  dest: number,
  len: number,
  saddr: number,
  daddr: number,
): void {
  putU16(buf, at + UDP_SOURCE, source);
  putU16(buf, at + UDP_DEST, dest);
  putU16(buf, at + UDP_LEN, len);
  putU16(buf, at + UDP_CHECK, 0);
  const check = udpSum(buf, at, len, saddr, daddr);
  putU16(buf, at + UDP_CHECK, check === 0 ? 0xffff : check); // 0 would say "no checksum"
}

/** True also where the sender made none (field 0). */
export function udpChecksumOk(
  buf: Uint8Array,
  at: number,
  len: number,
  saddr: number,
  daddr: number,
): boolean {
  return getU16(buf, at + UDP_CHECK) === 0 || udpSum(buf, at, len, saddr, daddr) === 0;
}

function udpSum(buf: Uint8Array, at: number, len: number, saddr: number, daddr: number): number {
  return csumFold(csumPartial(buf, at, len, csumPseudo(saddr, daddr, IPPROTO_UDP, len)));
}
