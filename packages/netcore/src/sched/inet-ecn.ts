/** Explicit congestion notification in the IP header of an Ethernet frame. cf. include/net/inet_ecn.h, RFC 3168 */
import {
  ETH_HLEN,
  ETH_P_8021AD,
  ETH_P_8021Q,
  ETH_P_IP,
  ETH_P_IPV6,
  getU16,
  putU16,
  VLAN_HLEN,
} from '@etherloom/frame';

const INET_ECN_MASK = 3;
const INET_ECN_CE = 3;
const IPV4_MIN = 20;
const IPV4_TOS = 1;
const IPV4_CHECK = 10;
const IPV6_MIN = 40;

/** 0 Not-ECT, 1 and 2 ECT, 3 CE, of the frame buf[start, end); -1 when it is not IP. */
export function inetEcn(buf: Uint8Array, start: number, end: number): number {
  const l3 = ipAt(buf, start, end);
  if (l3 < 0) return -1;
  return (buf[l3]! >> 4 === 4 ? buf[l3 + IPV4_TOS]! : buf[l3 + 1]! >> 4) & INET_ECN_MASK;
}

/** Says whether inetEcnSetCe would mark: the sender is ECN-capable, or it is marked already. */
export function inetEcnIsCapable(buf: Uint8Array, start: number, end: number): boolean {
  return inetEcn(buf, start, end) > 0;
}

/** Marks "congestion experienced", the IPv4 checksum included; false, and nothing changed, when the sender would not understand. */
export function inetEcnSetCe(buf: Uint8Array, start: number, end: number): boolean {
  const ecn = inetEcn(buf, start, end);
  if (ecn <= 0) return false;
  if (ecn === INET_ECN_CE) return true;
  const l3 = ipAt(buf, start, end);
  if (buf[l3]! >> 4 === 6) buf[l3 + 1]! |= INET_ECN_CE << 4;
  else setIpv4Ce(buf, l3, ecn);
  return true;
}

/** cf. IP_ECN_set_ce: the sum of the header grows by what the field does. */
function setIpv4Ce(buf: Uint8Array, l3: number, ecn: number): void {
  buf[l3 + IPV4_TOS]! |= INET_ECN_CE;
  const sum = getU16(buf, l3 + IPV4_CHECK) - (INET_ECN_CE - ecn);
  putU16(buf, l3 + IPV4_CHECK, sum < 0 ? sum + 0xffff : sum);
}

/** Where the IP header is, behind the Ethernet header and its tags; -1 when there is none. */
function ipAt(buf: Uint8Array, start: number, end: number): number {
  let at = start + ETH_HLEN;
  while (at <= end) {
    const type = getU16(buf, at - 2);
    if (type === ETH_P_IP) return isWhole(buf, at, end, 4, IPV4_MIN) ? at : -1;
    if (type === ETH_P_IPV6) return isWhole(buf, at, end, 6, IPV6_MIN) ? at : -1;
    if (type !== ETH_P_8021Q && type !== ETH_P_8021AD) return -1;
    at += VLAN_HLEN;
  }
  return -1;
}

function isWhole(buf: Uint8Array, at: number, end: number, version: number, length: number): boolean {
  return at + length <= end && buf[at]! >> 4 === version;
}
