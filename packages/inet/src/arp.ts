/** ARP: asks, answers, announces, and notices when somebody else has our address. cf. net/ipv4/arp.c, RFC 826, RFC 5227 */
import {
  ARP_HLEN,
  ARP_SHA,
  ARPOP_REPLY,
  ARPOP_REQUEST,
  arpIsEthernetIpv4,
  arpOp,
  ETH_HLEN,
  ETH_P_ARP,
  etherAddrEqual,
  INADDR_ANY,
  ipv4IsLoopback,
  ipv4IsMulticast,
  isValidEtherAddr,
  macToString,
  putArp,
  putEthHeader,
} from '@etherloom/frame';
import {
  consumeSkb,
  devQueueXmit,
  IFF_NOARP,
  kfreeSkb,
  type NetDevice,
  PACKET_HOST,
  PACKET_OTHERHOST,
  SKB_DROP_REASON_INVALID_PROTO,
  SKB_DROP_REASON_IP_INVALID_DEST,
  SKB_DROP_REASON_OTHERHOST,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_UNHANDLED_PROTO,
  SKB_NOT_DROPPED_YET,
  type SkBuff,
  type SkbDropReason,
} from '@etherloom/netcore';
import { arpSip, arpTip } from './address.ts';
import type { InDevice, InIfaddr } from './in-device.ts';
import type { Inet } from './inet.ts';
import { NEIGH_LOCKTIME, type Neighbour, NUD_INCOMPLETE, NUD_REACHABLE, NUD_STALE } from './neighbour.ts';

const BROADCAST = new Uint8Array(6).fill(0xff);
const UNKNOWN = new Uint8Array(6);
/** An address is defended at most this often (RFC 5227 1.1). */
const DEFEND_INTERVAL = 10_000;
/** The asker's MAC, copied out so that a reply can name it while the request's skb is still whole. */
const asker = new Uint8Array(6);

/** The packet handler of ETH_P_ARP. Consumes. */
export function arpRcv(inet: Inet, skb: SkBuff, dev: NetDevice): void {
  if (inet.net.trace !== null) inet.net.trace.skb('arp_rcv', skb, dev);
  const idev = inet.devices.get(dev);
  const reason = idev === undefined ? SKB_DROP_REASON_UNHANDLED_PROTO : arpProcess(inet, skb, idev);
  if (reason === SKB_NOT_DROPPED_YET) {
    consumeSkb(skb);
    return;
  }
  if (reason !== SKB_DROP_REASON_OTHERHOST) inet.stats.ArpInErrors++;
  kfreeSkb(skb, reason);
}

function arpProcess(inet: Inet, skb: SkBuff, idev: InDevice): SkbDropReason {
  const { buf, data } = skb;
  if (skb.pktType === PACKET_OTHERHOST) return SKB_DROP_REASON_OTHERHOST;
  if (skb.len < ARP_HLEN) return SKB_DROP_REASON_PKT_TOO_SMALL;
  if ((idev.dev.flags & IFF_NOARP) !== 0 || !arpIsEthernetIpv4(buf, data))
    return SKB_DROP_REASON_INVALID_PROTO;
  const tip = arpTip(buf, data);
  if (ipv4IsMulticast(tip) || ipv4IsLoopback(tip) || !isValidEtherAddr(buf, data + ARP_SHA)) {
    return SKB_DROP_REASON_IP_INVALID_DEST;
  }
  switch (arpOp(buf, data)) {
    case ARPOP_REQUEST:
      inet.stats.ArpInRequests++;
      if (!arpConflict(inet, skb, idev)) arpRequest(inet, skb, idev, tip);
      return SKB_NOT_DROPPED_YET;
    case ARPOP_REPLY:
      inet.stats.ArpInReplies++;
      if (!arpConflict(inet, skb, idev)) arpLearn(inet, skb, idev);
      return SKB_NOT_DROPPED_YET;
    default:
      return SKB_DROP_REASON_INVALID_PROTO;
  }
}

/** True when the sender claims an address of ours: noted and, now and then, defended. */
function arpConflict(inet: Inet, skb: SkBuff, idev: InDevice): boolean {
  const sip = arpSip(skb.buf, skb.data);
  const ifa = sip === INADDR_ANY ? null : inet.fib.findLocal(sip);
  if (ifa === null) return false;
  if (etherAddrEqual(skb.buf, skb.data + ARP_SHA, idev.dev.devAddr, 0)) return true; // our own, come back
  inet.stats.ArpInConflicts++;
  ifa.conflict = macToString(skb.buf, skb.data + ARP_SHA);
  const now = inet.host.now();
  if (ifa.idev === idev && now - ifa.defended >= DEFEND_INTERVAL) {
    ifa.defended = now;
    arpAnnounce(inet, ifa);
  }
  return true;
}

/** Answers for our own addresses; the asker is about to talk to us, so it is learnt. Others only refresh what we know. */
function arpRequest(inet: Inet, skb: SkBuff, idev: InDevice, tip: number): void {
  const { buf, data } = skb;
  if (inet.fib.findLocal(tip) === null) {
    arpLearn(inet, skb, idev);
    return;
  }
  const sip = arpSip(buf, data);
  if (sip !== INADDR_ANY) {
    const neigh = inet.neighbours.create(idev, sip);
    if (neigh !== null) arpUpdate(inet, neigh, skb, NUD_STALE, true);
  }
  for (let i = 0; i < 6; i++) asker[i] = buf[data + ARP_SHA + i]!;
  inet.stats.ArpOutReplies++;
  arpSend(inet, idev, ARPOP_REPLY, asker, tip, asker, sip);
}

/** A reply, or somebody's gratuitous announcement, about a neighbour we know. */
function arpLearn(inet: Inet, skb: SkBuff, idev: InDevice): void {
  const { buf, data } = skb;
  const sip = arpSip(buf, data);
  const neigh = inet.neighbours.lookup(idev, sip);
  if (neigh === undefined) return;
  const gratuitous = arpTip(buf, data) === sip;
  const answered = arpOp(buf, data) === ARPOP_REPLY && skb.pktType === PACKET_HOST;
  arpUpdate(inet, neigh, skb, answered ? NUD_REACHABLE : NUD_STALE, gratuitous);
}

/** Within the lock time the first answer wins, unless the neighbour itself announces the change. */
function arpUpdate(inet: Inet, neigh: Neighbour, skb: SkBuff, state: number, override: boolean): void {
  const at = skb.data + ARP_SHA;
  const locked = inet.host.now() - neigh.updated < NEIGH_LOCKTIME;
  if (neigh.valid && locked && !override && !etherAddrEqual(neigh.ha, 0, skb.buf, at)) return;
  inet.neighbours.update(neigh, skb.buf, at, state);
}

/** cf. arp_solicit */
export function arpSolicit(inet: Inet, neigh: Neighbour): void {
  const source = arpSource(neigh);
  const everybody = neigh.state === NUD_INCOMPLETE;
  inet.stats.ArpOutRequests++;
  arpSend(inet, neigh.idev, ARPOP_REQUEST, everybody ? BROADCAST : neigh.ha, source, UNKNOWN, neigh.ip);
}

/** Our address on the neighbour's subnet, so that it can answer. */
function arpSource(neigh: Neighbour): number {
  const { addrs } = neigh.idev;
  for (const ifa of addrs) if (ifa.covers(neigh.ip)) return ifa.local;
  return addrs.length > 0 ? addrs[0]!.local : INADDR_ANY;
}

/** Tells everybody who has the address now: caches and switches follow. */
export function arpAnnounce(inet: Inet, ifa: InIfaddr): void {
  if ((ifa.idev.dev.flags & IFF_NOARP) !== 0 || ipv4IsLoopback(ifa.local)) return;
  inet.stats.ArpOutRequests++;
  arpSend(inet, ifa.idev, ARPOP_REQUEST, BROADCAST, ifa.local, UNKNOWN, ifa.local);
}

function arpSend(
  inet: Inet,
  idev: InDevice,
  op: number,
  dst: Uint8Array,
  spa: number,
  tha: Uint8Array,
  tpa: number,
): void {
  const dev = idev.dev;
  const skb = inet.net.pool.alloc(ETH_HLEN + ARP_HLEN);
  if (skb === null) {
    inet.stats.IpOutDiscards++;
    return;
  }
  skb.dev = dev;
  skb.protocol = ETH_P_ARP;
  const at = skb.put(ETH_HLEN + ARP_HLEN);
  putEthHeader(skb.buf, at, dst, 0, dev.devAddr, 0, ETH_P_ARP);
  putArp(skb.buf, at + ETH_HLEN, op, dev.devAddr, spa, tha, tpa);
  skb.networkHeader = at + ETH_HLEN;
  devQueueXmit(skb);
}
