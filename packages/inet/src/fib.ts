/**
 * Where a packet goes: the addresses' own subnets, longest prefix first, then the default gateway.
 * cf. net/ipv4/fib_frontend.c, route.c
 */
import { INADDR_ANY, ipv4IsLoopback, ipv4IsMulticast, ipv4IsZeronet } from '@etherloom/frame';
import { INADDR_BROADCAST } from './address.ts';
import { ENETUNREACH } from './errno.ts';
import type { InDevice, InIfaddr } from './in-device.ts';

export const RTN_UNICAST = 1;
export const RTN_LOCAL = 2;
export const RTN_BROADCAST = 3;
export const RTN_MULTICAST = 5;

/** The answer to a lookup. There is one per Fib, overwritten by the next lookup: read it at once. */
export class Route {
  type = RTN_UNICAST;
  /** Null for a local route to an address that no device carries (127.0.0.0/8). */
  idev: InDevice | null = null;
  nexthop = INADDR_ANY;
  saddr = INADDR_ANY;
}

export class Fib {
  /** All addresses of all devices, longest prefix first. */
  readonly addrs: InIfaddr[] = [];
  gateway = INADDR_ANY;
  readonly route = new Route();

  add(ifa: InIfaddr): void {
    const at = this.addrs.findIndex((other) => other.prefixLen < ifa.prefixLen);
    this.addrs.splice(at === -1 ? this.addrs.length : at, 0, ifa);
  }

  del(ifa: InIfaddr): void {
    this.addrs.splice(this.addrs.indexOf(ifa), 1);
  }

  /** Our own address on a device that is up; null when it is not ours. */
  findLocal(address: number): InIfaddr | null {
    for (const ifa of this.addrs) if (ifa.local === address && ifa.idev.up) return ifa;
    return null;
  }

  /** The address whose subnet `address` is on. */
  findOnLink(address: number): InIfaddr | null {
    for (const ifa of this.addrs) if (ifa.covers(address) && ifa.idev.up) return ifa;
    return null;
  }

  /** RTN_* of an address as a destination. cf. inet_addr_type */
  addrType(address: number): number {
    if (address === INADDR_BROADCAST || address === INADDR_ANY) return RTN_BROADCAST;
    if (ipv4IsMulticast(address)) return RTN_MULTICAST;
    if (ipv4IsLoopback(address)) return RTN_LOCAL;
    for (const ifa of this.addrs) {
      if (!ifa.idev.up) continue;
      if (ifa.local === address) return RTN_LOCAL;
      if (ifa.broadcast === address) return RTN_BROADCAST;
    }
    return RTN_UNICAST;
  }

  /** Fills `this.route`; 0, or -ENETUNREACH. `saddr` INADDR_ANY lets the route choose the source. */
  lookup(daddr: number, saddr: number): number {
    const type = this.addrType(daddr);
    if (type === RTN_LOCAL) return this.#fill(type, this.findLocal(daddr), daddr, saddr, daddr);
    const direct = this.#direct(daddr, saddr, type);
    if (direct !== null) return this.#fill(type, direct, daddr, saddr, direct.local);
    const via = this.gateway === INADDR_ANY ? null : this.findOnLink(this.gateway);
    if (via === null) return -ENETUNREACH;
    return this.#fill(type, via, this.gateway, saddr, via.local);
  }

  #direct(daddr: number, saddr: number, type: number): InIfaddr | null {
    if (daddr !== INADDR_BROADCAST && type !== RTN_MULTICAST) return this.findOnLink(daddr);
    // These have no subnet: the device of the source address, or the first there is.
    const own = saddr === INADDR_ANY ? null : this.findLocal(saddr);
    return own ?? this.addrs.find((ifa) => ifa.idev.up && !ipv4IsLoopback(ifa.local)) ?? null;
  }

  #fill(type: number, ifa: InIfaddr | null, nexthop: number, saddr: number, preferred: number): number {
    const route = this.route;
    route.type = type;
    route.idev = ifa === null ? null : ifa.idev;
    route.nexthop = nexthop;
    route.saddr = saddr === INADDR_ANY ? preferred : saddr;
    return 0;
  }
}

/** A source address no station can have. */
export function isMartianSource(saddr: number): boolean {
  return (
    ipv4IsMulticast(saddr) || saddr === INADDR_BROADCAST || ipv4IsLoopback(saddr) || ipv4IsZeronet(saddr)
  );
}
