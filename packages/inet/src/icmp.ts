/** ICMP on the way in: answers echoes, and hands errors to whoever sent what they quote. cf. net/ipv4/icmp.c */
import {
  copyBytes,
  csumReplace2,
  getU16,
  ICMP_CHECK,
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_ECHOREPLY,
  ICMP_HLEN,
  ICMP_PARAMETERPROB,
  ICMP_TIME_EXCEEDED,
  ICMP_TYPE,
  IPPROTO_ICMP,
  IPV4_HLEN,
  icmpChecksumOk,
  icmpCode,
  icmpRest,
  icmpType,
  ipv4HeaderLen,
  ipv4Protocol,
  putU16,
} from '@etherloom/frame';
import {
  consumeSkb,
  kfreeSkb,
  SKB_DROP_REASON_ICMP_CSUM,
  SKB_DROP_REASON_INVALID_PROTO,
  SKB_DROP_REASON_IP_OUTNOROUTES,
  SKB_DROP_REASON_NO_SOCKET,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_UNHANDLED_PROTO,
  SKB_NOT_DROPPED_YET,
  type SkBuff,
  type SkbDropReason,
} from '@etherloom/netcore';
import { ipDaddr, ipSaddr } from './address.ts';
import { RTN_LOCAL } from './fib.ts';
import type { Inet } from './inet.ts';
import { ipAlloc, ipPushOut } from './ip-output.ts';

/** Of the quoted packet: its header and the 8 bytes behind it, which hold ports or an echo's id and sequence. */
const QUOTED_L4 = 8;

/** The handler of IPPROTO_ICMP. Consumes. */
export function icmpRcv(inet: Inet, skb: SkBuff): void {
  inet.stats.IcmpInMsgs++;
  const reason = icmpCheck(inet, skb);
  if (reason !== SKB_NOT_DROPPED_YET) inet.stats.IcmpInErrors++;
  const verdict = reason === SKB_NOT_DROPPED_YET ? icmpDispatch(inet, skb) : reason;
  if (verdict === SKB_NOT_DROPPED_YET) consumeSkb(skb);
  else kfreeSkb(skb, verdict);
}

function icmpCheck(inet: Inet, skb: SkBuff): SkbDropReason {
  if (skb.len < ICMP_HLEN) return SKB_DROP_REASON_PKT_TOO_SMALL;
  if (icmpChecksumOk(skb.buf, skb.data, skb.len)) return SKB_NOT_DROPPED_YET;
  inet.stats.IcmpInCsumErrors++;
  return SKB_DROP_REASON_ICMP_CSUM;
}

function icmpDispatch(inet: Inet, skb: SkBuff): SkbDropReason {
  const { stats } = inet;
  switch (icmpType(skb.buf, skb.data)) {
    case ICMP_ECHO:
      stats.IcmpInEchos++;
      return icmpEcho(inet, skb);
    case ICMP_ECHOREPLY:
      stats.IcmpInEchoReps++;
      return inet.pings.reply(skb) ? SKB_NOT_DROPPED_YET : SKB_DROP_REASON_NO_SOCKET;
    case ICMP_DEST_UNREACH:
      stats.IcmpInDestUnreachs++;
      return icmpError(inet, skb);
    case ICMP_TIME_EXCEEDED:
      stats.IcmpInTimeExcds++;
      return icmpError(inet, skb);
    case ICMP_PARAMETERPROB:
      stats.IcmpInParmProbs++;
      return icmpError(inet, skb);
    default:
      return SKB_DROP_REASON_UNHANDLED_PROTO;
  }
}

/** The same message with another type. A broadcast is not answered: one request would make a storm. Borrows. */
function icmpEcho(inet: Inet, skb: SkBuff): SkbDropReason {
  const { buf, data, len } = skb;
  const from = ipSaddr(buf, skb.networkHeader);
  const us = ipDaddr(buf, skb.networkHeader);
  if (inet.fib.addrType(us) !== RTN_LOCAL) return SKB_DROP_REASON_INVALID_PROTO;
  if (inet.fib.lookup(from, us) < 0) {
    inet.stats.IpOutNoRoutes++;
    return SKB_DROP_REASON_IP_OUTNOROUTES;
  }
  const reply = ipAlloc(inet, len);
  if (reply === null) {
    inet.stats.IcmpOutErrors++;
    return SKB_DROP_REASON_NOMEM;
  }
  const at = reply.transportHeader;
  copyBytes(buf, data, reply.buf, at, len);
  reply.buf[at + ICMP_TYPE] = ICMP_ECHOREPLY;
  const check = getU16(buf, data + ICMP_CHECK);
  putU16(reply.buf, at + ICMP_CHECK, csumReplace2(check, ICMP_ECHO << 8, ICMP_ECHOREPLY << 8));
  inet.stats.IcmpOutMsgs++;
  inet.stats.IcmpOutEchoReps++;
  ipPushOut(inet, reply, from, IPPROTO_ICMP, inet.defaultTtl, 0);
  return SKB_NOT_DROPPED_YET;
}

/** Finds who sent the packet that the error quotes. Borrows. cf. icmp_unreach */
function icmpError(inet: Inet, skb: SkBuff): SkbDropReason {
  const { buf, data, tail } = skb;
  const inner = data + ICMP_HLEN;
  if (tail - inner < IPV4_HLEN + QUOTED_L4) return SKB_DROP_REASON_PKT_TOO_SMALL;
  const l4 = inner + ipv4HeaderLen(buf, inner);
  if (l4 + QUOTED_L4 > tail) return SKB_DROP_REASON_PKT_TOO_SMALL;
  if (inet.fib.findLocal(ipSaddr(buf, inner)) === null) return SKB_DROP_REASON_NO_SOCKET;
  const handler = inet.protos[ipv4Protocol(buf, inner)];
  const heard = handler?.err(
    inet,
    buf,
    inner,
    l4,
    icmpType(buf, data),
    icmpCode(buf, data),
    icmpRest(buf, data),
  );
  return heard === true ? SKB_NOT_DROPPED_YET : SKB_DROP_REASON_NO_SOCKET;
}
