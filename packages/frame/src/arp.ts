/** ARP for IPv4 over Ethernet (RFC 826). cf. include/uapi/linux/if_arp.h */
import { getU16, getU32, putU16, putU32 } from './bytes.ts';
import { ETH_P_IP } from './ethernet.ts';
import { ETH_ALEN, etherAddrCopy } from './mac.ts';

export const ARP_HLEN = 28;
export const ARPHRD_ETHER = 1;
export const ARPOP_REQUEST = 1;
export const ARPOP_REPLY = 2;

/** Field offsets from the start of the ARP packet. */
export const ARP_HRD = 0;
export const ARP_PRO = 2;
export const ARP_HLN = 4;
export const ARP_PLN = 5;
export const ARP_OP = 6;
export const ARP_SHA = 8;
export const ARP_SPA = 14;
export const ARP_THA = 18;
export const ARP_TPA = 24;

const IPV4_ALEN = 4;

/** Whether the packet is ARP for IPv4 over Ethernet, the only kind there is to answer. */
export function arpIsEthernetIpv4(buf: Uint8Array, at: number): boolean {
  return (
    getU16(buf, at + ARP_HRD) === ARPHRD_ETHER &&
    getU16(buf, at + ARP_PRO) === ETH_P_IP &&
    buf[at + ARP_HLN] === ETH_ALEN &&
    buf[at + ARP_PLN] === IPV4_ALEN
  );
}

export function arpOp(buf: Uint8Array, at: number): number {
  return getU16(buf, at + ARP_OP);
}

export function arpSenderIp(buf: Uint8Array, at: number): number {
  return getU32(buf, at + ARP_SPA);
}

export function arpTargetIp(buf: Uint8Array, at: number): number {
  return getU32(buf, at + ARP_TPA);
}

/** Writes the 28 bytes at `at`. The hardware addresses are read from the start of `sha` and `tha`. */
export function putArp(
  buf: Uint8Array,
  at: number,
  op: number,
  sha: Uint8Array,
  spa: number,
  tha: Uint8Array,
  tpa: number,
): void {
  putU16(buf, at + ARP_HRD, ARPHRD_ETHER);
  putU16(buf, at + ARP_PRO, ETH_P_IP);
  buf[at + ARP_HLN] = ETH_ALEN;
  buf[at + ARP_PLN] = IPV4_ALEN;
  putU16(buf, at + ARP_OP, op);
  etherAddrCopy(buf, at + ARP_SHA, sha, 0);
  putU32(buf, at + ARP_SPA, spa);
  etherAddrCopy(buf, at + ARP_THA, tha, 0);
  putU32(buf, at + ARP_TPA, tpa);
}
