/** What IPv4 knows of a device: its addresses and its neighbours. cf. struct in_device, net/ipv4/devinet.c */
import { formatIpv4, ipv4Broadcast, ipv4IsLoopback, prefixMask } from '@etherloom/frame';
import { IFF_UP, type NetDevice, netifCarrierOk } from '@etherloom/netcore';
import type { Neighbour } from './neighbour.ts';

/** One address of a device. cf. struct in_ifaddr */
export class InIfaddr {
  readonly idev: InDevice;
  readonly local: number;
  readonly prefixLen: number;
  readonly mask: number;
  readonly broadcast: number;
  /** The MAC of the last station seen to use our address, as text; null while nobody does. */
  conflict: string | null = null;
  /** When we last defended the address (RFC 5227 2.4). */
  defended = Number.NEGATIVE_INFINITY;

  constructor(idev: InDevice, local: number, prefixLen: number) {
    this.idev = idev;
    this.local = local | 0;
    this.prefixLen = prefixLen;
    this.mask = prefixMask(prefixLen) | 0;
    this.broadcast = ipv4Broadcast(local, prefixLen) | 0;
  }

  /** Whether `address` is on the same subnet: a neighbour, not behind a gateway. */
  covers(address: number): boolean {
    return ((address ^ this.local) & this.mask) === 0;
  }
}

export class InDevice {
  readonly dev: NetDevice;
  readonly addrs: InIfaddr[] = [];
  /** By address. */
  readonly neighbours = new Map<number, Neighbour>();
  /**
   * Addresses are announced when they are added, when the cable comes and when the MAC changes. Off as in Linux: whoever
   * wants to know asks, and n stations on one LAN that all announce cost n^2 frames. cf. net.ipv4.conf.DEV.arp_notify
   */
  readonly arpNotify: boolean;
  /** Up and with carrier when last looked at: an edge flushes the neighbours, or announces the addresses if wanted. */
  ready = false;

  constructor(dev: NetDevice, arpNotify = false) {
    this.dev = dev;
    this.arpNotify = arpNotify;
  }

  get up(): boolean {
    return (this.dev.flags & IFF_UP) !== 0;
  }

  /** Up, and its cable too. */
  get operational(): boolean {
    return this.up && netifCarrierOk(this.dev);
  }
}

/** For ever. cf. include/net/addrconf.h */
const INFINITY_LIFE_TIME = 0xffffffff;

/** cf. IFA_F_SECONDARY, __inet_insert_ifa */
function isSecondary(ifa: InIfaddr): boolean {
  const first = ifa.idev.addrs.find((other) => other.mask === ifa.mask && other.covers(ifa.local));
  return first !== undefined && first !== ifa;
}

/** The keys that `ip -j addr` gives an IPv4 address; `conflict` is ours. */
export interface AddrInfo {
  family: 'inet';
  local: string;
  prefixlen: number;
  broadcast?: string;
  scope: 'global' | 'host';
  /** Not the first of its subnet. */
  secondary?: true;
  label: string;
  valid_life_time: number;
  preferred_life_time: number;
  /** The MAC of another station seen to use this address. */
  conflict?: string;
}

export function addrInfo(ifa: InIfaddr): AddrInfo {
  return {
    family: 'inet',
    local: formatIpv4(ifa.local),
    prefixlen: ifa.prefixLen,
    ...(ifa.prefixLen < 31 ? { broadcast: formatIpv4(ifa.broadcast) } : {}),
    scope: ipv4IsLoopback(ifa.local) ? 'host' : 'global',
    ...(isSecondary(ifa) ? { secondary: true } : {}),
    label: ifa.idev.dev.name,
    valid_life_time: INFINITY_LIFE_TIME,
    preferred_life_time: INFINITY_LIFE_TIME,
    ...(ifa.conflict === null ? {} : { conflict: ifa.conflict }),
  };
}
