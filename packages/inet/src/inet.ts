/** The user stack of one network namespace: IPv4 over the devices attached to it. cf. struct netns_ipv4, net/ipv4/af_inet.c */
import {
  ETH_P_ARP,
  ETH_P_IP,
  formatIpv4,
  ICMP_DEST_UNREACH,
  ICMP_EXC_FRAGTIME,
  ICMP_HOST_UNREACH,
  ICMP_TIME_EXCEEDED,
  INADDR_ANY,
  IPDEFTTL,
  IPPROTO_ICMP,
  IPPROTO_UDP,
  ipv4IsMulticast,
  ipv4IsZeronet,
  macToString,
  parseCidr,
} from '@etherloom/frame';
import {
  type Host,
  NETDEV_CHANGE,
  NETDEV_CHANGEADDR,
  NETDEV_DOWN,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  type Net,
  type NetDevice,
  type NetdevEvent,
  NetError,
} from '@etherloom/netcore';
import { INADDR_BROADCAST, parseAddress } from './address.ts';
import { arpAnnounce, arpRcv, arpSolicit } from './arp.ts';
import { Fib } from './fib.ts';
import { IcmpLimit } from './icmp-limit.ts';
import { icmpSend } from './icmp-send.ts';
import { type AddrInfo, addrInfo, InDevice, InIfaddr } from './in-device.ts';
import { IpFragments } from './ip-frag.ts';
import { ipRcv, ipRcvLocal } from './ip-input.ts';
import { LocalQueue } from './local-queue.ts';
import { NeighTable, NUD_NOARP, NUD_NONE, NUD_STATE_NAMES } from './neighbour.ts';
import { icmpProtocol, type PingOptions, type PingSignal, PingTable, ping } from './ping.ts';
import type { PingResult } from './ping-run.ts';
import type { Protocol } from './protocol.ts';
import { InetStats } from './snmp.ts';
import { type UdpBindOptions, UdpTable, udpProtocol } from './udp.ts';
import type { UdpSocket } from './udp-socket.ts';

/** The keys of `ip -j -s neigh`. */
export interface NeighInfo {
  dst: string;
  dev: string;
  lladdr?: string;
  /** Whole seconds since then, as `ip -s neigh` tells them. */
  used: number;
  confirmed: number;
  updated: number;
  probes: number;
  state: string[];
}

/** cf. net.ipv4.conf.DEV */
export interface DeviceConf {
  /** Announces the device's addresses unasked. cf. arp_notify */
  readonly arpNotify?: boolean;
}

export class Inet {
  readonly net: Net;
  readonly host: Host;
  readonly stats = new InetStats();
  readonly devices = new Map<NetDevice, InDevice>();
  readonly fib = new Fib();
  readonly neighbours: NeighTable;
  readonly fragments: IpFragments;
  readonly local: LocalQueue;
  readonly icmpLimit = new IcmpLimit();
  readonly udp = new UdpTable();
  readonly pings = new PingTable();
  /** By protocol number. TCP (6) has its place here and is not there yet: see tcp/README.md. */
  readonly protos: (Protocol | undefined)[] = new Array(256).fill(undefined);
  /** Routes packets for others. cf. net.ipv4.ip_forward */
  ipForward = false;
  /** cf. net.ipv4.ip_default_ttl */
  defaultTtl = IPDEFTTL;
  #ipId: number;
  readonly #undo: (() => void)[];

  constructor(net: Net) {
    this.net = net;
    this.host = net.host;
    this.#ipId = Math.floor(net.host.random() * 0x10000);
    this.neighbours = new NeighTable(net.host, this.stats, {
      solicit: (neigh) => arpSolicit(this, neigh),
      errorReport: (skb) => icmpSend(this, skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0),
    });
    this.fragments = new IpFragments(this, (first) =>
      icmpSend(this, first, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0),
    );
    this.local = new LocalQueue(net.host, this.stats, (skb) => ipRcvLocal(this, skb));
    this.protos[IPPROTO_ICMP] = icmpProtocol;
    this.protos[IPPROTO_UDP] = udpProtocol;
    this.#undo = [
      net.devAddPack(ETH_P_IP, (skb, dev) => ipRcv(this, skb, dev)),
      net.devAddPack(ETH_P_ARP, (skb, dev) => arpRcv(this, skb, dev)),
      net.registerNetdeviceNotifier((event, dev) => this.#netdevEvent(event, dev)),
    ];
  }

  /** Leaves the namespace; its devices stay. */
  stop(): void {
    for (const dev of [...this.devices.keys()]) this.detach(dev);
    for (const undo of this.#undo.splice(0)) undo();
    this.fragments.flush();
    this.local.purge();
    this.pings.abortAll(new NetError('ENETDOWN', 'ping: this node’s stack has stopped'));
  }

  /** Speaks IPv4 on the device from now on. */
  attach(dev: NetDevice, { arpNotify = false }: DeviceConf = {}): void {
    if (this.devices.has(dev)) return;
    const idev = new InDevice(dev, arpNotify);
    idev.ready = idev.operational;
    this.devices.set(dev, idev);
  }

  detach(dev: NetDevice): void {
    const idev = this.devices.get(dev);
    if (idev === undefined) return;
    for (const ifa of idev.addrs.splice(0)) this.fib.del(ifa);
    this.neighbours.flush(idev);
    this.fragments.flush(dev);
    this.devices.delete(dev);
  }

  /** `cidr` is ADDRESS/LENGTH. With arpNotify the address is announced, at once or when the cable is there. */
  addrAdd(dev: NetDevice, cidr: string): void {
    const idev = this.#inDevice(dev);
    const { address, prefixLen } = parseStation(dev, cidr);
    const taken = this.fib.addrs.find((ifa) => ifa.local === address);
    if (taken !== undefined) {
      throw new NetError(
        'EEXIST',
        `${dev.name}: ${formatIpv4(address)} is on ${taken.idev.dev.name} already`,
      );
    }
    const ifa = new InIfaddr(idev, address, prefixLen);
    idev.addrs.push(ifa);
    this.fib.add(ifa);
    if (idev.arpNotify && idev.operational) arpAnnounce(this, ifa);
  }

  addrDel(dev: NetDevice, cidr: string): void {
    const idev = this.#inDevice(dev);
    const { address, prefixLen } = parseStation(dev, cidr);
    const at = idev.addrs.findIndex((ifa) => ifa.local === address && ifa.prefixLen === prefixLen);
    if (at === -1) throw new NetError('EADDRNOTAVAIL', `${dev.name} has no address ${cidr}`);
    this.fib.del(idev.addrs.splice(at, 1)[0]!);
  }

  addrs(dev: NetDevice): AddrInfo[] {
    return this.#inDevice(dev).addrs.map(addrInfo);
  }

  /** The router for everything that is on no subnet of ours; null for none. */
  routeDefault(gateway: string | null): void {
    const address = gateway === null ? INADDR_ANY : parseAddress(gateway);
    if (address === null) throw new NetError('EINVAL', `gateway ${gateway}: not an IPv4 address`);
    if (address !== INADDR_ANY && !this.fib.addrs.some((ifa) => ifa.covers(address))) {
      throw new NetError(
        'ENETUNREACH',
        `gateway ${gateway} is on no subnet of ours: add an address on its subnet first`,
      );
    }
    this.fib.gateway = address;
  }

  neigh(): NeighInfo[] {
    const list: NeighInfo[] = [];
    for (const idev of this.devices.values()) {
      for (const neigh of idev.neighbours.values()) {
        const state = this.neighbours.stateOf(neigh);
        // As `ip neigh`, which leaves these out.
        if (state === NUD_NONE || state === NUD_NOARP) continue;
        list.push({
          dst: formatIpv4(neigh.ip),
          dev: idev.dev.name,
          ...(neigh.valid ? { lladdr: macToString(neigh.ha, 0) } : {}),
          ...this.neighbours.agesOf(neigh),
          probes: neigh.probes,
          state: [NUD_STATE_NAMES.get(state)!],
        });
      }
    }
    return list;
  }

  /** Throws EADDRINUSE, EADDRNOTAVAIL or EINVAL. */
  udpBind(options: UdpBindOptions = {}): UdpSocket {
    return this.udp.bind(this, options);
  }

  /** cf. ping.ts */
  ping(target: string, options: PingOptions = {}, signal?: PingSignal): Promise<PingResult> {
    return ping(this, target, options, signal);
  }

  nextIpId(): number {
    this.#ipId = (this.#ipId + 1) & 0xffff;
    return this.#ipId;
  }

  #inDevice(dev: NetDevice): InDevice {
    const idev = this.devices.get(dev);
    if (idev === undefined) throw new NetError('ENODEV', `${dev.name} is not attached to the user stack`);
    return idev;
  }

  #netdevEvent(event: NetdevEvent, dev: NetDevice): void {
    const idev = this.devices.get(dev);
    if (idev === undefined) return;
    if (event === NETDEV_UNREGISTER) this.detach(dev);
    else if (event === NETDEV_CHANGEADDR) this.#moved(idev);
    else if (event === NETDEV_UP || event === NETDEV_DOWN || event === NETDEV_CHANGE) this.#carrier(idev);
  }

  /** Behind a new cable there may be other stations. */
  #carrier(idev: InDevice): void {
    const ready = idev.operational;
    if (ready === idev.ready) return;
    idev.ready = ready;
    if (ready) this.#announce(idev);
    else this.neighbours.flush(idev);
  }

  #moved(idev: InDevice): void {
    this.neighbours.flush(idev);
    if (idev.operational) this.#announce(idev);
  }

  #announce(idev: InDevice): void {
    if (!idev.arpNotify) return;
    for (const ifa of idev.addrs) arpAnnounce(this, ifa);
  }
}

function parseStation(dev: NetDevice, text: string): { address: number; prefixLen: number } {
  const cidr = parseCidr(text);
  if (cidr === null && text.includes(':')) {
    throw new NetError(
      'EAFNOSUPPORT',
      `${dev.name}: ${text} is IPv6, which the user stack does not have; use "stack: kernel" for this node`,
    );
  }
  if (cidr === null) throw new NetError('EINVAL', `${dev.name}: ${text} is not an IPv4 ADDRESS/LENGTH`);
  const address = cidr.address | 0;
  if (ipv4IsZeronet(address) || ipv4IsMulticast(address) || address === INADDR_BROADCAST) {
    throw new NetError('EINVAL', `${dev.name}: ${text} cannot be the address of a station`);
  }
  return { address, prefixLen: cidr.prefixLen };
}
