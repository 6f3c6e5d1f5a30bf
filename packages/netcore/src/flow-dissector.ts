/** Which flow a frame is of, as one number: for queues that keep a flow's frames together. cf. net/core/flow_dissector.c */
import {
  ETH_HLEN,
  ETH_P_8021AD,
  ETH_P_8021Q,
  ETH_P_IP,
  ETH_P_IPV6,
  getU16,
  IP_DF,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_DADDR,
  IPV4_FRAG_OFF,
  IPV4_PROTOCOL,
  IPV4_SADDR,
  IPV6_HLEN,
  IPV6_NEXTHDR,
  IPV6_SADDR,
  VLAN_HLEN,
} from '@etherloom/frame';
import type { SkBuff } from './skbuff.ts';

const PORTS = 4;

/**
 * 32 bits over addresses, protocol and ports of a frame that begins with its Ethernet header; over its MAC addresses
 * and EtherType when it is no IP. Fragments have no ports, so that all of a datagram are one flow. Not symmetric.
 */
export function skbGetHash(skb: SkBuff, perturb = 0): number {
  const { buf, tail } = skb;
  let at = skb.data + ETH_HLEN;
  if (at > tail) return avalanche(perturb);
  let type = getU16(buf, at - 2);
  while ((type === ETH_P_8021Q || type === ETH_P_8021AD) && at + VLAN_HLEN <= tail) {
    at += VLAN_HLEN;
    type = getU16(buf, at - 2);
  }
  if (type === ETH_P_IP && at + 20 <= tail) return ipv4(buf, at, tail, perturb);
  if (type === ETH_P_IPV6 && at + IPV6_HLEN <= tail) return ipv6(buf, at, tail, perturb);
  return avalanche(mix(words(buf, skb.data, 12, perturb), type));
}

function ipv4(buf: Uint8Array, at: number, tail: number, perturb: number): number {
  const protocol = buf[at + IPV4_PROTOCOL]!;
  let hash = mix(perturb, word(buf, at + IPV4_SADDR));
  hash = mix(hash, word(buf, at + IPV4_DADDR));
  const whole = (getU16(buf, at + IPV4_FRAG_OFF) & ~IP_DF) === 0;
  return l4(buf, whole ? at + (buf[at]! & 15) * 4 : tail, tail, protocol, hash);
}

function ipv6(buf: Uint8Array, at: number, tail: number, perturb: number): number {
  const hash = words(buf, at + IPV6_SADDR, 32, perturb);
  return l4(buf, at + IPV6_HLEN, tail, buf[at + IPV6_NEXTHDR]!, hash);
}

function l4(buf: Uint8Array, at: number, tail: number, protocol: number, sum: number): number {
  const hash = mix(sum, protocol);
  const ports = (protocol === IPPROTO_TCP || protocol === IPPROTO_UDP) && at + PORTS <= tail;
  return avalanche(ports ? mix(hash, word(buf, at)) : hash);
}

function words(buf: Uint8Array, at: number, length: number, seed: number): number {
  let hash = seed;
  for (let i = 0; i < length; i += 4) hash = mix(hash, word(buf, at + i));
  return hash;
}

/** Four bytes as a small integer. */
function word(buf: Uint8Array, at: number): number {
  return (buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!;
}

function mix(hash: number, value: number): number {
  const h = Math.imul(hash ^ value, 0x9e3779b1);
  return ((h << 13) | (h >>> 19)) ^ value;
}

/** So that any bits of the result are as good as any others. */
function avalanche(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
