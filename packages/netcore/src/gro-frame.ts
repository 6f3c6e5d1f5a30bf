/**
 * What GRO must know of one frame before it may join others: where its headers are, which TCP or UDP flow it is of, and
 * that nothing about it is odd. One object is filled again and again.
 */
import {
  ETH_HLEN,
  ETH_P_8021Q,
  ETH_P_IP,
  ETH_P_IPV6,
  getU16,
  getU32,
  IP_DF,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_DADDR,
  IPV4_FRAG_OFF,
  IPV4_HLEN,
  IPV4_ID,
  IPV4_PROTOCOL,
  IPV4_SADDR,
  IPV4_TOT_LEN,
  IPV6_HLEN,
  IPV6_NEXTHDR,
  IPV6_PAYLOAD_LEN,
  IPV6_SADDR,
  ipChecksum,
  TCP_DOFF,
  TCP_FLAG_ACK,
  TCP_FLAG_PSH,
  TCP_FLAGS,
  TCP_HLEN,
  TCP_SEQ,
  TCP_SOURCE,
  UDP_CHECK,
  UDP_HLEN,
  UDP_LEN,
  VLAN_HLEN,
} from '@etherloom/frame';
import { CHECKSUM_PARTIAL, type SkBuff, skbCloned } from './skbuff.ts';

/** Nothing that is gathered: which flow it may be of is not known. */
export const GRO_OTHER = 0;
/** A frame that must stay by itself: it ends what its flow holds. */
export const GRO_ALONE = 1;
/** Plain data of a flow. */
export const GRO_DATA = 2;

const IPV4_NO_OPTIONS = 0x45;

export class GroFrame {
  /** Offsets from the frame's first byte. */
  l3 = 0;
  l4 = 0;
  /** All headers. */
  hdrLen = 0;
  payload = 0;
  ipv4 = false;
  udp = false;
  /** Equal for two frames of one flow. */
  hash = 0;
  seq = 0;
  id = 0;
  psh = false;

  /** Looks at an skb whose data begins with its Ethernet header: one of GRO_*. `udp`: datagrams are gathered too. */
  parse(skb: SkBuff, udp: boolean): number {
    const { buf, data } = skb;
    const len = skb.tail - data;
    if (len < ETH_HLEN + IPV4_HLEN + TCP_HLEN) return GRO_OTHER;
    let type = getU16(buf, data + ETH_HLEN - 2);
    this.l3 = ETH_HLEN;
    if (type === ETH_P_8021Q) {
      this.l3 = ETH_HLEN + VLAN_HLEN;
      type = getU16(buf, data + this.l3 - 2);
    }
    const at = data + this.l3;
    if (type === ETH_P_IP) return this.#parseIpv4(skb, at, len - this.l3, udp);
    return type === ETH_P_IPV6 ? this.#parseIpv6(skb, at, len - this.l3, udp) : GRO_OTHER;
  }

  #parseIpv4(skb: SkBuff, at: number, len: number, udp: boolean): number {
    const { buf } = skb;
    if (len < IPV4_HLEN + TCP_HLEN || buf[at] !== IPV4_NO_OPTIONS) return GRO_OTHER;
    if (!this.#gathered(buf[at + IPV4_PROTOCOL]!, udp)) return GRO_OTHER;
    if ((getU16(buf, at + IPV4_FRAG_OFF) & ~IP_DF) !== 0) return GRO_OTHER;
    this.ipv4 = true;
    this.l4 = this.l3 + IPV4_HLEN;
    this.id = getU16(buf, at + IPV4_ID);
    const addresses = word(buf, at + IPV4_SADDR) ^ Math.imul(word(buf, at + IPV4_DADDR), 3);
    const verdict = this.#parseL4(skb, addresses);
    if (getU16(buf, at + IPV4_TOT_LEN) !== len || ipChecksum(buf, at, IPV4_HLEN) !== 0) return GRO_ALONE;
    return verdict;
  }

  #parseIpv6(skb: SkBuff, at: number, len: number, udp: boolean): number {
    const { buf } = skb;
    if (len < IPV6_HLEN + TCP_HLEN || buf[at]! >>> 4 !== 6) return GRO_OTHER;
    if (!this.#gathered(buf[at + IPV6_NEXTHDR]!, udp)) return GRO_OTHER;
    this.ipv4 = false;
    this.l4 = this.l3 + IPV6_HLEN;
    this.id = 0;
    let addresses = 0;
    for (let i = 0; i < 32; i += 4) addresses = Math.imul(addresses, 3) ^ word(buf, at + IPV6_SADDR + i);
    const verdict = this.#parseL4(skb, addresses);
    return getU16(buf, at + IPV6_PAYLOAD_LEN) === len - IPV6_HLEN ? verdict : GRO_ALONE;
  }

  #gathered(protocol: number, udp: boolean): boolean {
    this.udp = protocol === IPPROTO_UDP;
    return protocol === IPPROTO_TCP || (udp && this.udp);
  }

  #parseL4(skb: SkBuff, addresses: number): number {
    const verdict = this.udp ? this.#parseUdp(skb, addresses) : this.#parseTcp(skb, addresses);
    // One whose checksum was left out claims nothing, and a super-frame has been gathered already.
    if (skb.ipSummed === CHECKSUM_PARTIAL || skb.users !== 1 || skbCloned(skb)) return GRO_ALONE;
    return verdict;
  }

  /** A datagram without a checksum claims nothing. */
  #parseUdp(skb: SkBuff, addresses: number): number {
    const { buf } = skb;
    const at = skb.data + this.l4;
    this.hash = ~(addresses ^ Math.imul(word(buf, at), 5));
    this.seq = 0;
    this.psh = false;
    this.hdrLen = this.l4 + UDP_HLEN;
    this.payload = skb.tail - skb.data - this.hdrLen;
    const whole = this.payload > 0 && getU16(buf, at + UDP_LEN) === this.payload + UDP_HLEN;
    return whole && getU16(buf, at + UDP_CHECK) !== 0 ? GRO_DATA : GRO_ALONE;
  }

  /** The frame is long enough for a header without options. */
  #parseTcp(skb: SkBuff, addresses: number): number {
    const { buf } = skb;
    const at = skb.data + this.l4;
    this.hash = addresses ^ Math.imul(word(buf, at + TCP_SOURCE), 5);
    this.seq = getU32(buf, at + TCP_SEQ);
    const flags = buf[at + TCP_FLAGS]!;
    this.psh = (flags & TCP_FLAG_PSH) !== 0;
    const doff = buf[at + TCP_DOFF]!;
    this.hdrLen = this.l4 + (doff >>> 4) * 4;
    this.payload = skb.tail - skb.data - this.hdrLen;
    if ((flags & ~TCP_FLAG_PSH) !== TCP_FLAG_ACK || (doff & 0x0f) !== 0) return GRO_ALONE;
    return this.hdrLen < this.l4 + TCP_HLEN || this.payload <= 0 ? GRO_ALONE : GRO_DATA;
  }
}

/** Four bytes as a small integer, for hashes. */
function word(buf: Uint8Array, at: number): number {
  return (buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!;
}
