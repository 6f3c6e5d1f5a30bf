/** The flow a frame belongs to, as a number that nobody outside can aim at: addresses, protocol and ports, stirred with a secret. cf. skb_get_hash_perturb */
import {
  ETH_HLEN,
  ETH_P_8021AD,
  ETH_P_8021Q,
  ETH_P_IP,
  ETH_P_IPV6,
  getU16,
  getU32,
  VLAN_HLEN,
} from '@etherloom/frame';
import type { SkBuff } from '../skbuff.ts';

const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPV6_HLEN = 40;
const FRAGMENT = 0x3fff;

/** 32 bits. What is not IP is a flow by its addresses and EtherType. */
export function flowHash(skb: SkBuff, perturbation: number): number {
  const { buf, data, tail } = skb;
  let at = data + ETH_HLEN;
  let type = at <= tail ? getU16(buf, at - 2) : 0;
  while ((type === ETH_P_8021Q || type === ETH_P_8021AD) && at + VLAN_HLEN <= tail) {
    at += VLAN_HLEN;
    type = getU16(buf, at - 2);
  }
  if (type === ETH_P_IP && at + 20 <= tail) return hashIpv4(buf, at, tail, perturbation);
  if (type === ETH_P_IPV6 && at + IPV6_HLEN <= tail) return hashIpv6(buf, at, tail, perturbation);
  return finish(words(buf, data, Math.min(tail, data + 12), stir(perturbation, type)));
}

/** Fragments have their ports in the first one only, so none of them counts its ports. */
function hashIpv4(buf: Uint8Array, at: number, tail: number, seed: number): number {
  const proto = buf[at + 9]!;
  const hash = words(buf, at + 12, at + 20, stir(seed, proto));
  if ((getU16(buf, at + 6) & FRAGMENT) !== 0) return finish(hash);
  return ports(buf, at + (buf[at]! & 0xf) * 4, tail, proto, hash);
}

function hashIpv6(buf: Uint8Array, at: number, tail: number, seed: number): number {
  const proto = buf[at + 6]!;
  return ports(buf, at + IPV6_HLEN, tail, proto, words(buf, at + 8, at + IPV6_HLEN, stir(seed, proto)));
}

function ports(buf: Uint8Array, at: number, tail: number, proto: number, hash: number): number {
  if ((proto !== IPPROTO_TCP && proto !== IPPROTO_UDP) || at + 4 > tail) return finish(hash);
  return finish(stir(hash, getU32(buf, at)));
}

function words(buf: Uint8Array, from: number, to: number, seed: number): number {
  let hash = seed;
  for (let at = from; at + 4 <= to; at += 4) hash = stir(hash, getU32(buf, at));
  return hash;
}

/** One round of MurmurHash3. */
function stir(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
