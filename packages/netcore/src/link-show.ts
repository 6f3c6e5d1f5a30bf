/** A device as `ip -j -d -s -s link` prints it: the same keys in the same order. cf. iproute2 ip/ipaddress.c */
import { macToString } from '@etherloom/frame';
import { devGetFlags } from './dev-flags.ts';
import { devGetStats } from './dev-settings.ts';
import {
  ARPHRD_LOOPBACK,
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_BROADCAST,
  IFF_DEBUG,
  IFF_DORMANT,
  IFF_DYNAMIC,
  IFF_ECHO,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_MASTER,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_POINTOPOINT,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_SLAVE,
  IFF_UP,
  LINK_MODES,
  OPER_STATES,
} from './if.ts';
import type { RtnlLinkStats64 } from './link-stats.ts';
import { devGetOperstate } from './link-watch.ts';
import type { NetDevice } from './net-device.ts';

// biome-ignore format: one flag a line, in the order iproute2 prints them; RUNNING shows only by its absence
const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [IFF_LOOPBACK, 'LOOPBACK'],
  [IFF_BROADCAST, 'BROADCAST'],
  [IFF_POINTOPOINT, 'POINTOPOINT'],
  [IFF_MULTICAST, 'MULTICAST'],
  [IFF_NOARP, 'NOARP'],
  [IFF_ALLMULTI, 'ALLMULTI'],
  [IFF_PROMISC, 'PROMISC'],
  [IFF_MASTER, 'MASTER'],
  [IFF_SLAVE, 'SLAVE'],
  [IFF_DEBUG, 'DEBUG'],
  [IFF_DYNAMIC, 'DYNAMIC'],
  [IFF_AUTOMEDIA, 'AUTOMEDIA'],
  [IFF_PORTSEL, 'PORTSEL'],
  [IFF_NOTRAILERS, 'NOTRAILERS'],
  [IFF_UP, 'UP'],
  [IFF_LOWER_UP, 'LOWER_UP'],
  [IFF_DORMANT, 'DORMANT'],
  [IFF_ECHO, 'ECHO'],
];

export interface IpLink {
  ifindex: number;
  link?: string;
  ifname: string;
  flags: string[];
  mtu: number;
  qdisc: string;
  master?: string;
  operstate: string;
  linkmode: string;
  group: string;
  txqlen: number;
  link_type: string;
  address: string;
  broadcast: string;
  permaddr?: string;
  promiscuity: number;
  allmulti: number;
  min_mtu: number;
  max_mtu: number;
  linkinfo?: { info_kind?: string; info_data?: Record<string, unknown>; info_slave_kind?: string };
  inet6_addr_gen_mode: string;
  num_tx_queues: number;
  num_rx_queues: number;
  gso_max_size: number;
  gso_max_segs: number;
  tso_max_size: number;
  tso_max_segs: number;
  gro_max_size: number;
  gso_ipv4_max_size: number;
  gro_ipv4_max_size: number;
  ifalias?: string;
  stats64: { rx: Record<string, number>; tx: Record<string, number> };
  altnames?: string[];
}

export function ipLinkShow(dev: NetDevice): IpLink {
  const lower = dev.iflink === dev.ifindex ? undefined : dev.net.devGetByIndex(dev.iflink);
  return {
    ifindex: dev.ifindex,
    ...(lower === undefined ? {} : { link: lower.name }),
    ifname: dev.name,
    flags: printLinkFlags(dev),
    mtu: dev.mtu,
    qdisc: dev.qdisc.kind,
    ...(dev.master === null ? {} : { master: dev.master.name }),
    operstate: OPER_STATES[devGetOperstate(dev)]!,
    linkmode: LINK_MODES[dev.linkMode]!,
    group: dev.group === 0 ? 'default' : String(dev.group),
    txqlen: dev.txQueueLen,
    link_type: dev.type === ARPHRD_LOOPBACK ? 'loopback' : 'ether',
    ...addresses(dev),
    promiscuity: dev.promiscuity,
    allmulti: dev.allmulti,
    min_mtu: dev.minMtu,
    max_mtu: dev.maxMtu,
    ...linkinfo(dev),
    inet6_addr_gen_mode: 'eui64',
    num_tx_queues: dev.txq.length,
    num_rx_queues: dev.numRxQueues,
    ...OFFLOAD_LIMITS,
    tso_max_size: dev.tsoMaxSize,
    ...(dev.ifalias === '' ? {} : { ifalias: dev.ifalias }),
    stats64: stats64Show(devGetStats(dev), dev.carrierUpCount + dev.carrierDownCount),
    ...(dev.altnames.length === 0 ? {} : { altnames: [...dev.altnames] }),
  };
}

/** The kernel's defaults, in the order of the keys. */
const OFFLOAD_LIMITS = {
  gso_max_size: 65536,
  gso_max_segs: 65535,
  tso_max_size: 65536,
  tso_max_segs: 65535,
  gro_max_size: 65536,
  gso_ipv4_max_size: 65536,
  gro_ipv4_max_size: 65536,
} as const;

/** The names of flags, without those that iproute2 makes up. */
export function linkFlagNames(flags: number): string[] {
  return FLAG_NAMES.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name);
}

/** Flag names as iproute2 prints them: NO-CARRIER is up and not running. cf. print_link_flags */
export function printLinkFlags(dev: NetDevice): string[] {
  const flags = devGetFlags(dev);
  const names = linkFlagNames(flags);
  if ((flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) === 0) names.unshift('NO-CARRIER');
  if (dev.iflink !== dev.ifindex && lowerIsDown(dev)) names.push('M-DOWN');
  return names;
}

/** The counters of `-s -s`; those that iproute2 shows only when they have counted are left out at zero. */
export function stats64Show(s: RtnlLinkStats64, carrierChanges: number): IpLink['stats64'] {
  return {
    rx: {
      bytes: s.rxBytes,
      packets: s.rxPackets,
      errors: s.rxErrors,
      dropped: s.rxDropped,
      over_errors: s.rxOverErrors,
      multicast: s.multicast,
      ...nonZero('compressed', s.rxCompressed),
      length_errors: s.rxLengthErrors,
      crc_errors: s.rxCrcErrors,
      frame_errors: s.rxFrameErrors,
      fifo_errors: s.rxFifoErrors,
      missed_errors: s.rxMissedErrors,
      ...nonZero('nohandler', s.rxNohandler),
      ...nonZero('otherhost', s.rxOtherhostDropped),
    },
    tx: {
      bytes: s.txBytes,
      packets: s.txPackets,
      errors: s.txErrors,
      dropped: s.txDropped,
      carrier_errors: s.txCarrierErrors,
      collisions: s.collisions,
      ...nonZero('compressed', s.txCompressed),
      aborted_errors: s.txAbortedErrors,
      fifo_errors: s.txFifoErrors,
      window_errors: s.txWindowErrors,
      heartbeat_errors: s.txHeartbeatErrors,
      carrier_changes: carrierChanges,
    },
  };
}

function addresses(dev: NetDevice): { address: string; broadcast: string; permaddr?: string } {
  const address = macToString(dev.devAddr, 0);
  const permaddr = macToString(dev.permAddr, 0);
  const broadcast = macToString(dev.broadcast, 0);
  const shown = permaddr !== address && dev.permAddr.some((byte) => byte !== 0);
  return !shown ? { address, broadcast } : { address, broadcast, permaddr };
}

function linkinfo(dev: NetDevice): Pick<IpLink, 'linkinfo'> {
  const slaveKind = dev.master?.kind ?? '';
  if (dev.kind === '' && slaveKind === '') return {};
  const data = dev.rtnlLinkOps?.fillInfo?.(dev);
  return {
    linkinfo: {
      ...(dev.kind === '' ? {} : { info_kind: dev.kind }),
      ...(data === undefined ? {} : { info_data: data }),
      ...(slaveKind === '' ? {} : { info_slave_kind: slaveKind }),
    },
  };
}

function lowerIsDown(dev: NetDevice): boolean {
  const lower = dev.net.devGetByIndex(dev.iflink);
  return lower !== undefined && (lower.flags & IFF_UP) === 0;
}

const nonZero = (name: string, count: number): Record<string, number> =>
  count === 0 ? {} : { [name]: count };
