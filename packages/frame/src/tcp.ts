/** The TCP header (RFC 9293): offsets and readers, for those who look into frames. cf. include/uapi/linux/tcp.h */
import { getU16, getU32 } from './bytes.ts';

export const TCP_HLEN = 20;

/** Field offsets from the start of the header. */
export const TCP_SOURCE = 0;
export const TCP_DEST = 2;
export const TCP_SEQ = 4;
export const TCP_ACK_SEQ = 8;
export const TCP_DOFF = 12;
export const TCP_FLAGS = 13;
export const TCP_WINDOW = 14;
export const TCP_CHECK = 16;
export const TCP_URG_PTR = 18;

export const TCP_FLAG_FIN = 0x01;
export const TCP_FLAG_SYN = 0x02;
export const TCP_FLAG_RST = 0x04;
export const TCP_FLAG_PSH = 0x08;
export const TCP_FLAG_ACK = 0x10;
export const TCP_FLAG_URG = 0x20;
export const TCP_FLAG_ECE = 0x40;
export const TCP_FLAG_CWR = 0x80;

export function tcpSource(buf: Uint8Array, at: number): number {
  return getU16(buf, at + TCP_SOURCE);
}

export function tcpDest(buf: Uint8Array, at: number): number {
  return getU16(buf, at + TCP_DEST);
}

export function tcpSeq(buf: Uint8Array, at: number): number {
  return getU32(buf, at + TCP_SEQ);
}

/** Header length in bytes, options included. */
export function tcpHeaderLen(buf: Uint8Array, at: number): number {
  return (buf[at + TCP_DOFF]! >>> 4) * 4;
}

export function tcpFlags(buf: Uint8Array, at: number): number {
  return buf[at + TCP_FLAGS]!;
}
