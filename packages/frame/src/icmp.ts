/** ICMP for IPv4 (RFC 792). cf. include/uapi/linux/icmp.h */
import { getU16, getU32, putU16, putU32 } from './bytes.ts';
import { ipChecksum } from './checksum.ts';

export const ICMP_HLEN = 8;

/** Field offsets from the start of the ICMP message. `rest` is what the type makes of bytes 4 to 7. */
export const ICMP_TYPE = 0;
export const ICMP_CODE = 1;
export const ICMP_CHECK = 2;
export const ICMP_REST = 4;
export const ICMP_ECHO_ID = 4;
export const ICMP_ECHO_SEQ = 6;
/** Of ICMP_FRAG_NEEDED: the next hop's MTU (RFC 1191). */
export const ICMP_FRAG_MTU = 6;

export const ICMP_ECHOREPLY = 0;
export const ICMP_DEST_UNREACH = 3;
export const ICMP_SOURCE_QUENCH = 4;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETERPROB = 12;
export const ICMP_TIMESTAMP = 13;
export const ICMP_TIMESTAMPREPLY = 14;

/** Codes of ICMP_DEST_UNREACH. */
export const ICMP_NET_UNREACH = 0;
export const ICMP_HOST_UNREACH = 1;
export const ICMP_PROT_UNREACH = 2;
export const ICMP_PORT_UNREACH = 3;
export const ICMP_FRAG_NEEDED = 4;

/** Codes of ICMP_TIME_EXCEEDED. */
export const ICMP_EXC_TTL = 0;
export const ICMP_EXC_FRAGTIME = 1;

export function icmpType(buf: Uint8Array, at: number): number {
  return buf[at + ICMP_TYPE]!;
}

export function icmpCode(buf: Uint8Array, at: number): number {
  return buf[at + ICMP_CODE]!;
}

export function icmpRest(buf: Uint8Array, at: number): number {
  return getU32(buf, at + ICMP_REST);
}

export function icmpEchoId(buf: Uint8Array, at: number): number {
  return getU16(buf, at + ICMP_ECHO_ID);
}

export function icmpEchoSeq(buf: Uint8Array, at: number): number {
  return getU16(buf, at + ICMP_ECHO_SEQ);
}

/** Writes the 8 bytes at `at` and the checksum over `len` bytes: the message must be in place. */
export function putIcmp(
  buf: Uint8Array,
  at: number,
  type: number,
  code: number,
  rest: number,
  len: number,
): void {
  buf[at + ICMP_TYPE] = type;
  buf[at + ICMP_CODE] = code;
  putU16(buf, at + ICMP_CHECK, 0);
  putU32(buf, at + ICMP_REST, rest);
  putU16(buf, at + ICMP_CHECK, ipChecksum(buf, at, len));
}

export function icmpChecksumOk(buf: Uint8Array, at: number, len: number): boolean {
  return ipChecksum(buf, at, len) === 0;
}

/** Whether a message of this type reports an error, so that no error may answer it. Unknown types count as errors. */
export function icmpIsError(type: number): boolean {
  switch (type) {
    case ICMP_ECHOREPLY:
    case ICMP_ECHO:
    case ICMP_TIMESTAMP:
    case ICMP_TIMESTAMPREPLY:
      return false;
    default:
      return true;
  }
}
