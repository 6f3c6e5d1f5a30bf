/**
 * Addresses inside the stack are 32 bits as a *signed* integer: from 128.0.0.0 on an unsigned one is no small integer
 * to V8, and each call that is not inlined would box it (measured: 5 boxes, 80 bytes a packet). formatIpv4 and the
 * other functions of @etherloom/frame take either sign; text and numbers from outside come in with `| 0`.
 */
import {
  ARP_SPA,
  ARP_TPA,
  INADDR_BROADCAST as BROADCAST_U32,
  IPV4_DADDR,
  IPV4_SADDR,
  parseIpv4,
} from '@etherloom/frame';

export const INADDR_BROADCAST = BROADCAST_U32 | 0;

/** The sender of the IPv4 packet at `at`. */
export function ipSaddr(buf: Uint8Array, at: number): number {
  return getI32(buf, at + IPV4_SADDR);
}

export function ipDaddr(buf: Uint8Array, at: number): number {
  return getI32(buf, at + IPV4_DADDR);
}

export function arpSip(buf: Uint8Array, at: number): number {
  return getI32(buf, at + ARP_SPA);
}

export function arpTip(buf: Uint8Array, at: number): number {
  return getI32(buf, at + ARP_TPA);
}

/** Null for what is no IPv4 address. */
export function parseAddress(text: string): number | null {
  const address = parseIpv4(text);
  return address === null ? null : address | 0;
}

function getI32(buf: Uint8Array, at: number): number {
  return (buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!;
}
