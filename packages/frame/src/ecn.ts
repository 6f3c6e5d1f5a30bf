/** Explicit congestion notification (RFC 3168): the two bits of an IP header. cf. include/net/inet_ecn.h */
import { getU16 } from './bytes.ts';
import { csumUpdate16 } from './checksum.ts';
import { ETH_HLEN, ETH_P_8021AD, ETH_P_8021Q, ETH_P_IP, ETH_P_IPV6 } from './ethernet.ts';
import { IPV4_CHECK, IPV4_HLEN, IPV4_TOS } from './ipv4.ts';
import { VLAN_HLEN } from './vlan.ts';

export const INET_ECN_NOT_ECT = 0;
export const INET_ECN_ECT_1 = 1;
export const INET_ECN_ECT_0 = 2;
export const INET_ECN_CE = 3;
const IPV6_HLEN = 40;
const MAX_TAGS = 2;

/** Marks the Ethernet frame at buf[at, end) "congestion experienced"; false when its sender does not know what that is. */
export function inetEcnSetCe(buf: Uint8Array, at: number, end: number): boolean {
  let ip = at + ETH_HLEN;
  for (let tags = 0; tags < MAX_TAGS && ip + VLAN_HLEN <= end && isTag(getU16(buf, ip - 2)); tags++)
    ip += VLAN_HLEN;
  if (ip > end) return false;
  const proto = getU16(buf, ip - 2);
  if (proto === ETH_P_IP) return ip + IPV4_HLEN <= end && ipEcnSetCe(buf, ip);
  return proto === ETH_P_IPV6 && ip + IPV6_HLEN <= end && ip6EcnSetCe(buf, ip);
}

function isTag(proto: number): boolean {
  return proto === ETH_P_8021Q || proto === ETH_P_8021AD;
}

/** Keeps the header's checksum right. `at`: the IPv4 header. */
export function ipEcnSetCe(buf: Uint8Array, at: number): boolean {
  const tos = buf[at + IPV4_TOS]!;
  if ((tos & INET_ECN_CE) === INET_ECN_NOT_ECT) return false;
  if ((tos & INET_ECN_CE) !== INET_ECN_CE)
    csumUpdate16(buf, at + IPV4_CHECK, at, getU16(buf, at) | INET_ECN_CE);
  return true;
}

/** `at`: the IPv6 header. */
export function ip6EcnSetCe(buf: Uint8Array, at: number): boolean {
  const bits = (buf[at + 1]! >> 4) & INET_ECN_CE;
  if (bits === INET_ECN_NOT_ECT) return false;
  buf[at + 1]! |= INET_ECN_CE << 4;
  return true;
}
