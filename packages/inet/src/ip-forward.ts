/** A packet for somebody else, when this node routes. cf. net/ipv4/ip_forward.c */
import {
  csumUpdate16,
  ETH_HLEN,
  getU16,
  ICMP_DEST_UNREACH,
  ICMP_EXC_TTL,
  ICMP_FRAG_NEEDED,
  ICMP_NET_UNREACH,
  ICMP_TIME_EXCEEDED,
  INADDR_ANY,
  IP_DF,
  IPV4_CHECK,
  IPV4_TTL,
  ipv4FragOff,
  ipv4Ttl,
} from '@etherloom/frame';
import {
  kfreeSkb,
  PACKET_HOST,
  SKB_DROP_REASON_IP_INNOROUTES,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_OTHERHOST,
  SKB_DROP_REASON_PKT_TOO_BIG,
  SKB_DROP_REASON_TTL_EXCEEDED,
  SKB_NOT_DROPPED_YET,
  type SkBuff,
  type SkbDropReason,
} from '@etherloom/netcore';
import { ipDaddr } from './address.ts';
import { icmpSend } from './icmp-send.ts';
import type { Inet } from './inet.ts';
import { ipOutput } from './ip-output.ts';

/** Consumes. */
export function ipForward(inet: Inet, skb: SkBuff): void {
  const reason = ipForwardCheck(inet, skb);
  if (reason !== SKB_NOT_DROPPED_YET) {
    kfreeSkb(skb, reason);
    return;
  }
  const at = skb.networkHeader;
  csumUpdate16(skb.buf, at + IPV4_CHECK, at + IPV4_TTL, getU16(skb.buf, at + IPV4_TTL) - 0x100);
  inet.stats.IpForwDatagrams++;
  ipOutput(inet, skb, inet.fib.route);
}

/** Whether it may go on; the sender hears why not. Afterwards the bytes are ours to change. Borrows. */
function ipForwardCheck(inet: Inet, skb: SkBuff): SkbDropReason {
  const { buf, networkHeader: at } = skb;
  if (skb.pktType !== PACKET_HOST) return SKB_DROP_REASON_OTHERHOST;
  if (ipv4Ttl(buf, at) <= 1) {
    inet.stats.IpInHdrErrors++;
    icmpSend(inet, skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
    return SKB_DROP_REASON_TTL_EXCEEDED;
  }
  if (inet.fib.lookup(ipDaddr(buf, at), INADDR_ANY) < 0) {
    inet.stats.IpExtInNoRoutes++;
    icmpSend(inet, skb, ICMP_DEST_UNREACH, ICMP_NET_UNREACH, 0);
    return SKB_DROP_REASON_IP_INNOROUTES;
  }
  const { mtu } = inet.fib.route.idev!.dev;
  if (skb.len > mtu && (ipv4FragOff(buf, at) & IP_DF) !== 0) {
    inet.stats.IpFragFails++;
    icmpSend(inet, skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
    return SKB_DROP_REASON_PKT_TOO_BIG;
  }
  return skb.cow(ETH_HLEN) ? SKB_NOT_DROPPED_YET : SKB_DROP_REASON_NOMEM;
}
