/**
 * What a trace knows of a frame: its protocol, who it is from and for, and an identity. The identity is made of bytes that
 * no hop changes, so every process finds the same one: neither the Ethernet header nor TTL, ECN and checksums are in it.
 */
import {
  ARP_HLEN,
  arpOp,
  ETH_HLEN,
  ETH_P_8021Q,
  ETH_P_ARP,
  ETH_P_IP,
  ETH_P_IPV6,
  ethType,
  getU16,
  getU32,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  ipv4HeaderLen,
  ipv4Protocol,
  ipv4TotLen,
  macToString,
} from '@etherloom/frame';

const VLAN_HLEN = 4;
const IPV6_HLEN = 40;
/** Bytes that the identity looks at; what is corrupted behind them leaves a frame what it was. */
const HASHED = 256;
const TCP_CHECK = 16;
const UDP_CHECK = 6;

/** Where a frame's layers are in a buffer; -1 for what is not known. */
export interface TraceView {
  readonly buf: Uint8Array;
  readonly mac: number;
  readonly etherType: number;
  readonly l3: number;
  readonly end: number;
}

/** A whole frame at buf[at, at + len). */
export function traceViewOf(buf: Uint8Array, at: number, len: number): TraceView {
  if (len < ETH_HLEN) return { buf, mac: -1, etherType: 0, l3: at, end: at + len };
  const tagged = ethType(buf, at) === ETH_P_8021Q && len >= ETH_HLEN + VLAN_HLEN;
  const l3 = at + ETH_HLEN + (tagged ? VLAN_HLEN : 0);
  return cut({ buf, mac: at, etherType: getU16(buf, l3 - 2), l3, end: at + len });
}

/** Without the padding of a short frame, which not every hop still has. */
export function cut(view: TraceView): TraceView {
  const { buf, etherType, l3, end } = view;
  const room = end - l3;
  if (etherType === ETH_P_ARP && room > ARP_HLEN) return { ...view, end: l3 + ARP_HLEN };
  if (etherType !== ETH_P_IP || room < 20) return view;
  const total = ipv4TotLen(buf, l3);
  return total >= 20 && total < room ? { ...view, end: l3 + total } : view;
}

/** The transport header's place and protocol; l4 is -1 where there is none to be read. */
function transport({ buf, etherType, l3, end }: TraceView): {
  readonly protocol: number;
  readonly l4: number;
} {
  if (etherType === ETH_P_IP && end - l3 >= 20) {
    const first = (getU16(buf, l3 + 6) & 0x1fff) === 0;
    const l4 = l3 + ipv4HeaderLen(buf, l3);
    return { protocol: ipv4Protocol(buf, l3), l4: first && l4 + 8 <= end ? l4 : -1 };
  }
  if (etherType !== ETH_P_IPV6 || end - l3 < IPV6_HLEN) return { protocol: -1, l4: -1 };
  return { protocol: buf[l3 + 6]!, l4: l3 + IPV6_HLEN + 8 <= end ? l3 + IPV6_HLEN : -1 };
}

/** The same at every hop: eight hexadecimal digits. */
export function traceId(view: TraceView): string {
  const { buf, etherType, l3, end } = view;
  const { protocol, l4 } = transport(view);
  const check = l4 < 0 ? -1 : checkAt(protocol, l4);
  const stop = Math.min(end, l3 + HASHED);
  let hash = 0x811c9dc5 ^ etherType ^ Math.imul(end - l3, 0x9e3779b1);
  for (let i = l3; i < stop; i++) {
    const changes = changesOnTheWay(etherType, i - l3) || (check >= 0 && (i === check || i === check + 1));
    hash = Math.imul(hash ^ (changes ? 0 : buf[i]!), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0).toString(16).padStart(8, '0');
}

function checkAt(protocol: number, l4: number): number {
  if (protocol === IPPROTO_TCP) return l4 + TCP_CHECK;
  return protocol === IPPROTO_UDP ? l4 + UDP_CHECK : -1;
}

/** TOS, TTL and checksum of IPv4; traffic class and hop limit of IPv6. */
function changesOnTheWay(etherType: number, offset: number): boolean {
  if (etherType === ETH_P_IP) return offset === 1 || offset === 8 || offset === 10 || offset === 11;
  return etherType === ETH_P_IPV6 && (offset === 0 || offset === 1 || offset === 7);
}

/** What a filter asks about. Addresses as text; absent where the frame has none. */
export interface TraceFields {
  readonly proto: string;
  readonly src?: string;
  readonly dst?: string;
  readonly macSrc?: string;
  readonly macDst?: string;
  readonly sport?: number;
  readonly dport?: number;
  /** What the frame is, in a line. */
  readonly summary: string;
  readonly length: number;
}

const PROTOCOLS = new Map([
  [IPPROTO_ICMP, 'icmp'],
  [IPPROTO_ICMPV6, 'icmpv6'],
  [IPPROTO_TCP, 'tcp'],
  [IPPROTO_UDP, 'udp'],
]);

export function traceFields(view: TraceView): TraceFields {
  const { buf, mac, etherType, l3, end } = view;
  const macs = mac < 0 ? {} : { macDst: macToString(buf, mac), macSrc: macToString(buf, mac + 6) };
  const length = end - l3 + ETH_HLEN;
  if (etherType === ETH_P_ARP && end - l3 >= ARP_HLEN) return { ...macs, ...arpFields(view), length };
  const ip = ipFields(view);
  if (ip !== null) return { ...macs, ...ip, length };
  const type = `0x${etherType.toString(16).padStart(4, '0')}`;
  return { ...macs, proto: type, summary: `ethertype ${type}, length ${length}`, length };
}

function arpFields({ buf, l3 }: TraceView) {
  const src = ip4(buf, l3 + 14);
  const dst = ip4(buf, l3 + 24);
  const said =
    arpOp(buf, l3) === 1 ? `who-has ${dst} tell ${src}` : `reply ${src} is-at ${macToString(buf, l3 + 8)}`;
  return { proto: 'arp', src, dst, summary: `ARP ${said}` };
}

function ipFields(view: TraceView) {
  const { buf, etherType, l3, end } = view;
  const { protocol, l4 } = transport(view);
  if (protocol < 0) return null;
  const four = etherType === ETH_P_IP;
  const src = four ? ip4(buf, l3 + 12) : ip6(buf, l3 + 8);
  const dst = four ? ip4(buf, l3 + 16) : ip6(buf, l3 + 24);
  const proto = PROTOCOLS.get(protocol) ?? `proto-${protocol}`;
  const ported = l4 >= 0 && (proto === 'tcp' || proto === 'udp');
  const ports = ported ? { sport: getU16(buf, l4), dport: getU16(buf, l4 + 2) } : {};
  const dot = ported ? [`.${ports.sport}`, `.${ports.dport}`] : ['', ''];
  const what = l4 < 0 ? proto : said(buf, l4, proto, end - l4);
  return {
    proto,
    src,
    dst,
    ...ports,
    summary: `${four ? 'IP' : 'IP6'} ${src}${dot[0]} > ${dst}${dot[1]}: ${what}`,
  };
}

function said(buf: Uint8Array, l4: number, proto: string, length: number): string {
  if (proto === 'udp') return `UDP, length ${length - 8}`;
  if (proto === 'tcp') return `Flags [${flags(buf[l4 + 13]!)}], seq ${getU32(buf, l4 + 4)}`;
  const type = buf[l4]!;
  const echo =
    proto === 'icmp' ? ['echo reply', 8, 'echo request', 0] : ['echo reply', 128, 'echo request', 129];
  if (proto !== 'icmp' && proto !== 'icmpv6') return proto;
  const word = type === echo[1] ? echo[2] : type === echo[3] ? echo[0] : `type ${type}`;
  const name = proto === 'icmp' ? 'ICMP' : 'ICMP6';
  if (word !== echo[0] && word !== echo[2]) return `${name} ${word}, code ${buf[l4 + 1]}`;
  return `${name} ${word}, id ${getU16(buf, l4 + 4)}, seq ${getU16(buf, l4 + 6)}, length ${length}`;
}

function flags(bits: number): string {
  const names = ['F', 'S', 'R', 'P', '.', 'U'].filter((_, i) => (bits >> i) & 1);
  return names.join('') || 'none';
}

function ip4(buf: Uint8Array, at: number): string {
  return `${buf[at]}.${buf[at + 1]}.${buf[at + 2]}.${buf[at + 3]}`;
}

/** Uncompressed groups, lower case: compared as such. */
export function ip6(buf: Uint8Array, at: number): string {
  return Array.from({ length: 8 }, (_, i) => getU16(buf, at + 2 * i).toString(16)).join(':');
}
