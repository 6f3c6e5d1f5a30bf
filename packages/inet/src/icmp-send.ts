/** Reports an error to the sender of a packet. cf. icmp_send, net/ipv4/icmp.c; RFC 1122 3.2.2 */
import {
  copyBytes,
  ICMP_DEST_UNREACH,
  ICMP_FRAG_NEEDED,
  ICMP_HLEN,
  ICMP_PARAMETERPROB,
  ICMP_TIME_EXCEEDED,
  INADDR_ANY,
  IP_OFFSET,
  IPDEFTTL,
  IPPROTO_ICMP,
  IPV4_HLEN,
  icmpIsError,
  icmpType,
  ipv4FragOff,
  ipv4HeaderLen,
  ipv4Protocol,
  putIcmp,
} from '@etherloom/frame';
import { PACKET_HOST, type SkBuff } from '@etherloom/netcore';
import { ipDaddr, ipSaddr } from './address.ts';
import { isMartianSource, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from './fib.ts';
import type { Inet } from './inet.ts';
import { ipAlloc, ipPushOut } from './ip-output.ts';

/** An error fits in 576 bytes, whatever it quotes. */
const ICMP_MAX_QUOTE = 576 - IPV4_HLEN - ICMP_HLEN;

/** Answers the packet at skb.networkHeader with an error, if one is due. Borrows; `info` is the next-hop MTU of a frag-needed. */
export function icmpSend(inet: Inet, skb: SkBuff, type: number, code: number, info: number): void {
  if (!errorIsDue(inet, skb)) return;
  const to = ipSaddr(skb.buf, skb.networkHeader);
  const was = ipDaddr(skb.buf, skb.networkHeader);
  const from = inet.fib.findLocal(was) === null ? INADDR_ANY : was;
  if (inet.fib.lookup(to, from) < 0) {
    inet.stats.IpOutNoRoutes++;
    return;
  }
  if (inet.fib.route.type !== RTN_LOCAL && !allowed(inet, to, type, code)) return;
  const quote = Math.min(skb.tail - skb.networkHeader, ICMP_MAX_QUOTE);
  const error = ipAlloc(inet, ICMP_HLEN + quote);
  if (error === null) {
    inet.stats.IcmpOutErrors++;
    return;
  }
  const at = error.transportHeader;
  copyBytes(skb.buf, skb.networkHeader, error.buf, at + ICMP_HLEN, quote);
  putIcmp(error.buf, at, type, code, info, ICMP_HLEN + quote);
  countOut(inet, type);
  ipPushOut(inet, error, to, IPPROTO_ICMP, IPDEFTTL, 0);
}

/** Never about a broadcast, a later fragment, a sender that is no station, or another error. */
function errorIsDue(inet: Inet, skb: SkBuff): boolean {
  const { buf, networkHeader: at } = skb;
  if (skb.pktType !== PACKET_HOST || (ipv4FragOff(buf, at) & IP_OFFSET) !== 0) return false;
  const target = inet.fib.addrType(ipDaddr(buf, at));
  if (target === RTN_BROADCAST || target === RTN_MULTICAST) return false;
  const saddr = ipSaddr(buf, at);
  const local = inet.fib.addrType(saddr);
  if (local === RTN_BROADCAST || (local !== RTN_LOCAL && isMartianSource(saddr))) return false;
  const l4 = at + ipv4HeaderLen(buf, at);
  return ipv4Protocol(buf, at) !== IPPROTO_ICMP || (l4 < skb.tail && !icmpIsError(icmpType(buf, l4)));
}

/** Path MTU discovery is never limited: without its answer the sender is stuck. */
function allowed(inet: Inet, to: number, type: number, code: number): boolean {
  if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) return true;
  const now = inet.host.now();
  if (!inet.icmpLimit.allowGlobal(now)) {
    inet.stats.IcmpOutRateLimitGlobal++;
    return false;
  }
  if (!inet.icmpLimit.allowTarget(to, now)) {
    inet.stats.IcmpOutRateLimitHost++;
    return false;
  }
  return true;
}

function countOut(inet: Inet, type: number): void {
  inet.stats.IcmpOutMsgs++;
  if (type === ICMP_DEST_UNREACH) inet.stats.IcmpOutDestUnreachs++;
  else if (type === ICMP_TIME_EXCEEDED) inet.stats.IcmpOutTimeExcds++;
  else if (type === ICMP_PARAMETERPROB) inet.stats.IcmpOutParmProbs++;
}
