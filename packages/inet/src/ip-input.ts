/** IPv4 on the way in: checks, whose it is, reassembly, protocol. cf. net/ipv4/ip_input.c */
import {
  ICMP_DEST_UNREACH,
  ICMP_PROT_UNREACH,
  INADDR_ANY,
  IP_MF,
  IP_OFFSET,
  IPV4_HLEN,
  ipv4ChecksumOk,
  ipv4FragOff,
  ipv4HeaderLen,
  ipv4IsLoopback,
  ipv4Protocol,
  ipv4TotLen,
  ipv4Version,
} from '@etherloom/frame';
import {
  kfreeSkb,
  type NetDevice,
  PACKET_OTHERHOST,
  SKB_DROP_REASON_IP_CSUM,
  SKB_DROP_REASON_IP_INADDRERRORS,
  SKB_DROP_REASON_IP_INHDR,
  SKB_DROP_REASON_OTHERHOST,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_UNHANDLED_PROTO,
  SKB_NOT_DROPPED_YET,
  type SkBuff,
  type SkbDropReason,
  skbShareCheck,
} from '@etherloom/netcore';
import { INADDR_BROADCAST, ipDaddr, ipSaddr } from './address.ts';
import { isMartianSource, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST } from './fib.ts';
import { icmpSend } from './icmp-send.ts';
import type { Inet } from './inet.ts';
import { ipForward } from './ip-forward.ts';

/** 224.0.0.1: the one group everybody is in. We join no other: there is no IGMP. */
const INADDR_ALLHOSTS_GROUP = 0xe0000001;

/** The packet handler of ETH_P_IP. Consumes. */
export function ipRcv(inet: Inet, shared: SkBuff, dev: NetDevice): void {
  if (!inet.devices.has(dev)) {
    kfreeSkb(shared, SKB_DROP_REASON_UNHANDLED_PROTO);
    return;
  }
  inet.stats.IpInReceives++;
  if (inet.net.trace !== null) inet.net.trace.skb('ip_rcv', shared, dev);
  const skb = skbShareCheck(shared);
  if (skb === null) {
    inet.stats.IpInDiscards++;
    return;
  }
  const reason = ipRcvCore(inet, skb);
  if (reason === SKB_NOT_DROPPED_YET) ipRcvFinish(inet, skb);
  else kfreeSkb(skb, reason);
}

/** A packet of our own that comes back to us. Consumes. */
export function ipRcvLocal(inet: Inet, skb: SkBuff): void {
  inet.stats.IpInReceives++;
  ipLocalDeliver(inet, skb);
}

/** Checks and trims; borrows. cf. ip_rcv_core */
function ipRcvCore(inet: Inet, skb: SkBuff): SkbDropReason {
  if (skb.pktType === PACKET_OTHERHOST) {
    skb.dev!.stats.rxOtherhostDropped++;
    return SKB_DROP_REASON_OTHERHOST;
  }
  const reason = ipCheckHeader(inet, skb);
  if (reason !== SKB_NOT_DROPPED_YET) {
    inet.stats.IpInHdrErrors++;
    return reason;
  }
  const totLen = ipv4TotLen(skb.buf, skb.data);
  if (skb.len < totLen) {
    inet.stats.IpExtInTruncatedPkts++;
    return SKB_DROP_REASON_PKT_TOO_SMALL;
  }
  skb.trim(totLen); // the padding of a short frame
  skb.networkHeader = skb.data;
  skb.transportHeader = skb.data + ipv4HeaderLen(skb.buf, skb.data);
  return SKB_NOT_DROPPED_YET;
}

function ipCheckHeader(inet: Inet, skb: SkBuff): SkbDropReason {
  const { buf, data } = skb;
  if (skb.len < IPV4_HLEN) return SKB_DROP_REASON_PKT_TOO_SMALL;
  const hlen = ipv4HeaderLen(buf, data);
  if (ipv4Version(buf, data) !== 4 || hlen < IPV4_HLEN) return SKB_DROP_REASON_IP_INHDR;
  if (skb.len < hlen) return SKB_DROP_REASON_PKT_TOO_SMALL;
  if (!ipv4ChecksumOk(buf, data)) {
    inet.stats.IpExtInCsumErrors++;
    return SKB_DROP_REASON_IP_CSUM;
  }
  return ipv4TotLen(buf, data) < hlen ? SKB_DROP_REASON_IP_INHDR : SKB_NOT_DROPPED_YET;
}

/** Ours, somebody else's, or nobody's. Consumes. */
function ipRcvFinish(inet: Inet, skb: SkBuff): void {
  const saddr = ipSaddr(skb.buf, skb.data);
  const daddr = ipDaddr(skb.buf, skb.data);
  const type = inet.fib.addrType(daddr);
  if (!plausible(inet, saddr, daddr) || (type === RTN_MULTICAST && daddr !== INADDR_ALLHOSTS_GROUP)) {
    dropAddress(inet, skb);
  } else if (type !== RTN_UNICAST) ipLocalDeliver(inet, skb);
  else if (inet.ipForward) ipForward(inet, skb);
  else dropAddress(inet, skb);
}

/** No martians: a source nobody can have, or our own coming in from outside. */
function plausible(inet: Inet, saddr: number, daddr: number): boolean {
  if (ipv4IsLoopback(daddr)) return false;
  if (saddr === INADDR_ANY) return daddr === INADDR_BROADCAST; // a DHCP client
  return !isMartianSource(saddr) && inet.fib.findLocal(saddr) === null;
}

function dropAddress(inet: Inet, skb: SkBuff): void {
  inet.stats.IpInAddrErrors++;
  kfreeSkb(skb, SKB_DROP_REASON_IP_INADDRERRORS);
}

/** cf. ip_local_deliver */
function ipLocalDeliver(inet: Inet, skb: SkBuff): void {
  if (inet.net.trace !== null) inet.net.trace.skb('ip_local_deliver', skb, skb.dev);
  const frag = ipv4FragOff(skb.buf, skb.networkHeader);
  const whole = (frag & (IP_MF | IP_OFFSET)) === 0 ? skb : inet.fragments.defrag(skb);
  if (whole === null) return;
  const handler = inet.protos[ipv4Protocol(whole.buf, whole.networkHeader)];
  whole.pull(whole.transportHeader - whole.networkHeader);
  if (handler === undefined) {
    unknownProtocol(inet, whole);
    return;
  }
  inet.stats.IpInDelivers++;
  handler.rcv(inet, whole);
}

function unknownProtocol(inet: Inet, skb: SkBuff): void {
  inet.stats.IpInUnknownProtos++;
  if (inet.fib.addrType(ipDaddr(skb.buf, skb.networkHeader)) === RTN_LOCAL) {
    icmpSend(inet, skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
  }
  kfreeSkb(skb, SKB_DROP_REASON_UNHANDLED_PROTO);
}
