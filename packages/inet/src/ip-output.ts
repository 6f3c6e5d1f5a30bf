/** IPv4 on the way out: header, fragments, next hop. cf. net/ipv4/ip_output.c */
import {
  copyBytes,
  ETH_P_IP,
  IP_DF,
  IP_MF,
  IP_OFFSET,
  IPV4_FRAG_OFF,
  IPV4_HLEN,
  IPV4_TOT_LEN,
  ipv4FragOff,
  ipv4HeaderLen,
  ipv4SetChecksum,
  putIpv4,
  putU16,
} from '@etherloom/frame';
import {
  consumeSkb,
  kfreeSkb,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_PKT_TOO_BIG,
  type SkBuff,
} from '@etherloom/netcore';
import { EMSGSIZE, ENOBUFS } from './errno.ts';
import { type Route, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from './fib.ts';
import type { InDevice } from './in-device.ts';
import type { Inet } from './inet.ts';
import { neighXmit } from './neighbour.ts';

const BROADCAST = new Uint8Array(6).fill(0xff);
/** 01:00:5e and the low 23 bits of the group (RFC 1112 6.4); the last three are written for each packet. */
const groupMac = Uint8Array.of(0x01, 0x00, 0x5e, 0, 0, 0);

/** An empty datagram with room for `len` bytes behind its header, at skb.transportHeader; null when the pool is exhausted. */
export function ipAlloc(inet: Inet, len: number): SkBuff | null {
  const skb = inet.net.pool.alloc(IPV4_HLEN + len);
  if (skb === null) {
    inet.stats.IpOutDiscards++;
    return null;
  }
  const at = skb.put(IPV4_HLEN + len);
  skb.networkHeader = at;
  skb.transportHeader = at + IPV4_HLEN;
  skb.protocol = ETH_P_IP;
  return skb;
}

/** Sends what ipAlloc made along the route just looked up. Consumes; 0 or a negative errno. `df` is 0 or IP_DF. */
export function ipPushOut(
  inet: Inet,
  skb: SkBuff,
  daddr: number,
  protocol: number,
  ttl: number,
  df: number,
): number {
  const route = inet.fib.route;
  putIpv4(skb.buf, skb.networkHeader, skb.len, inet.nextIpId(), df, ttl, protocol, route.saddr, daddr);
  inet.stats.IpOutRequests++;
  if (route.type === RTN_LOCAL) return inet.local.enqueue(skb, route.idev?.dev ?? null);
  return ipOutput(inet, skb, route);
}

/** From here on forwarded packets and our own are the same. Consumes. */
export function ipOutput(inet: Inet, skb: SkBuff, route: Route): number {
  const idev = route.idev!;
  const { type, nexthop } = route;
  skb.dev = idev.dev;
  skb.protocol = ETH_P_IP;
  if (inet.net.trace !== null) inet.net.trace.skb('ip_output', skb, idev.dev);
  if (skb.len <= idev.dev.mtu) return ipFinishOutput(inet, skb, idev, type, nexthop);
  if ((ipv4FragOff(skb.buf, skb.networkHeader) & IP_DF) !== 0) {
    inet.stats.IpFragFails++;
    kfreeSkb(skb, SKB_DROP_REASON_PKT_TOO_BIG);
    return -EMSGSIZE;
  }
  return ipDoFragment(inet, skb, idev, type, nexthop);
}

function ipFinishOutput(inet: Inet, skb: SkBuff, idev: InDevice, type: number, nexthop: number): number {
  if (type === RTN_BROADCAST) return neighXmit(idev, skb, BROADCAST);
  if (type === RTN_MULTICAST) {
    groupMac[3] = (nexthop >>> 16) & 0x7f;
    groupMac[4] = nexthop >>> 8;
    groupMac[5] = nexthop;
    return neighXmit(idev, skb, groupMac);
  }
  return inet.neighbours.output(idev, nexthop, skb);
}

/** Cuts the payload in pieces of the MTU, all but the last a multiple of 8. cf. ip_do_fragment */
function ipDoFragment(inet: Inet, skb: SkBuff, idev: InDevice, type: number, nexthop: number): number {
  const hlen = ipv4HeaderLen(skb.buf, skb.networkHeader);
  const step = (idev.dev.mtu - hlen) & ~7;
  const end = skb.len - hlen;
  for (let from = 0; from < end; from += step) {
    const piece = copyFragment(inet, skb, hlen, from, Math.min(step, end - from));
    if (piece === null) {
      inet.stats.IpFragFails++;
      kfreeSkb(skb, SKB_DROP_REASON_NOMEM);
      return -ENOBUFS;
    }
    inet.stats.IpFragCreates++;
    piece.dev = idev.dev;
    const rc = ipFinishOutput(inet, piece, idev, type, nexthop);
    if (rc < 0) {
      inet.stats.IpFragFails++;
      kfreeSkb(skb, SKB_DROP_REASON_NOMEM);
      return rc;
    }
  }
  inet.stats.IpFragOKs++;
  consumeSkb(skb);
  return 0;
}

/** One piece with its header; a fragment that is fragmented again keeps its place in the whole. */
function copyFragment(inet: Inet, skb: SkBuff, hlen: number, from: number, len: number): SkBuff | null {
  const piece = inet.net.pool.alloc(hlen + len);
  if (piece === null) return null;
  const at = piece.put(hlen + len);
  copyBytes(skb.buf, skb.networkHeader, piece.buf, at, hlen);
  if (from > 0) blankOptions(piece.buf, at + IPV4_HLEN, at + hlen);
  copyBytes(skb.buf, skb.networkHeader + hlen + from, piece.buf, at + hlen, len);
  const frag = ipv4FragOff(skb.buf, skb.networkHeader);
  const more = from + hlen + len < skb.len ? IP_MF : frag & IP_MF;
  putU16(piece.buf, at + IPV4_TOT_LEN, hlen + len);
  putU16(piece.buf, at + IPV4_FRAG_OFF, ((frag & IP_OFFSET) + (from >>> 3)) | more);
  ipv4SetChecksum(piece.buf, at);
  piece.protocol = ETH_P_IP;
  piece.networkHeader = at;
  piece.transportHeader = at + hlen;
  return piece;
}

const IPOPT_END = 0;
const IPOPT_NOOP = 1;
const IPOPT_COPY = 0x80;

/** Options without the copy bit belong to the first fragment only. cf. ip_options_fragment */
function blankOptions(buf: Uint8Array, at: number, end: number): void {
  for (let i = at; i < end && buf[i] !== IPOPT_END; ) {
    const len = buf[i] === IPOPT_NOOP ? 1 : (buf[i + 1] ?? 0);
    if (len < 1 || (len < 2 && buf[i] !== IPOPT_NOOP) || i + len > end) return;
    if ((buf[i]! & IPOPT_COPY) === 0) buf.fill(IPOPT_NOOP, i, i + len);
    i += len;
  }
}
