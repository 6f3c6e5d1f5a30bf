/** A network device: identity, state, operations, statistics. cf. struct net_device, include/linux/netdevice.h */
import { SKB_DROP_REASON_MAX } from './drop-reason.ts';
import type { EthtoolOps } from './ethtool.ts';
import { IF_LINK_MODE_DEFAULT, IF_OPER_UNKNOWN } from './if.ts';
import { RtnlLinkStats64 } from './link-stats.ts';
import type { Napi } from './napi.ts';
import type { Net } from './net.ts';
import { NetdevQueue } from './netdev-queue.ts';
import type { RtnlLinkOps } from './rtnetlink.ts';
import type { Qdisc } from './sched/qdisc.ts';
import type { SkbPool } from './skb-pool.ts';
import type { SkBuff } from './skbuff.ts';
import type { NetdevTx } from './xmit.ts';

/** Bits of `dev.state`. */
export const LINK_STATE_START = 1 << 0;
export const LINK_STATE_PRESENT = 1 << 1;
export const LINK_STATE_NOCARRIER = 1 << 2;
export const LINK_STATE_DORMANT = 1 << 4;
export const LINK_STATE_TESTING = 1 << 5;

export const NETREG_UNINITIALIZED = 0;
export const NETREG_REGISTERED = 1;
export const NETREG_UNREGISTERING = 2;
export const NETREG_UNREGISTERED = 3;

/** Where `dev.name` comes from. */
export const NET_NAME_UNKNOWN = 0;
export const NET_NAME_ENUM = 1;
export const NET_NAME_USER = 3;
export const NET_NAME_RENAMED = 4;

export const NET_ADDR_PERM = 0;
export const NET_ADDR_RANDOM = 1;
export const NET_ADDR_SET = 3;

/** cf. netif_set_tso_max_size */
export const GSO_MAX_SIZE = 524280;
const TSO_LEGACY_MAX_SIZE = 65536;

/**
 * What a driver does, in one table. All but ndoStartXmit are optional control operations, which refuse by
 * throwing a NetError.
 */
export interface NetDeviceOps {
  ndoInit?(dev: NetDevice): void;
  ndoUninit?(dev: NetDevice): void;
  ndoOpen?(dev: NetDevice): void;
  ndoStop?(dev: NetDevice): void;
  /** NETDEV_TX_OK: the driver owns the skb and frees it in finite time. NETDEV_TX_BUSY: it neither kept nor freed it. */
  ndoStartXmit(skb: SkBuff, dev: NetDevice): NetdevTx;
  /** Must set dev.mtu itself; without it the core does. */
  ndoChangeMtu?(dev: NetDevice, mtu: number): void;
  ndoSetMacAddress?(dev: NetDevice, addr: Uint8Array): void;
  ndoValidateAddr?(dev: NetDevice): void;
  ndoChangeCarrier?(dev: NetDevice, on: boolean): void;
  /** Completes `storage`, which starts as a copy of dev.stats. */
  ndoGetStats64?(dev: NetDevice, storage: RtnlLinkStats64): void;
  ndoTxTimeout?(dev: NetDevice, txqueue: number): void;
  /** Which transmit queue takes the frame; without it the skb's flow says. */
  ndoSelectQueue?(skb: SkBuff, dev: NetDevice): number;
  /** What the device can do of the features asked for. */
  ndoFixFeatures?(dev: NetDevice, features: number): number;
  /** Turns features on and off; dev.features is still as before, and the core stores the new ones when it returns. */
  ndoSetFeatures?(dev: NetDevice, features: number): void;
  ndoSetRxMode?(dev: NetDevice): void;
  /**
   * All that the device receives is sent to `txq` (null: no more): receive nothing while that is stopped, so that frames
   * wait where they come from. Ours; the kernel's devices have PAUSE frames for it.
   */
  ndoSetRxGate?(dev: NetDevice, txq: NetdevQueue | null): void;
}

/** Sees every frame of a device before the protocols; says RX_HANDLER_*. */
export type RxHandler = (skb: SkBuff, dev: NetDevice) => number;

export class NetDevice {
  readonly net: Net;
  readonly pool: SkbPool;
  name: string;
  nameAssignType = NET_NAME_UNKNOWN;
  /** Other names it is found under, of up to 127 characters; devAddAltname. */
  altnames: readonly string[] = [];
  ifalias = '';
  ifindex = 0;
  /** The other device this one depends on or is wired to; its own ifindex when there is none. */
  iflink = 0;
  /** Its driver knows that what its wire leads to has no carrier either; netifLowerLayerDown. */
  lowerLayerDown = false;
  group = 0;
  /** The rtnl kind: 'veth', 'dummy' ...; empty for a device that no link ops made. */
  kind = '';
  rtnlLinkOps: RtnlLinkOps | null = null;

  /** IFF_*: use devGetFlags for what user space sees. */
  flags = 0;
  /** The user's share of PROMISC and ALLMULTI. */
  gflags = 0;
  privFlags = 0;
  state = LINK_STATE_PRESENT;
  regState = NETREG_UNINITIALIZED;
  operstate = IF_OPER_UNKNOWN;
  linkMode = IF_LINK_MODE_DEFAULT;
  carrierUpCount = 0;
  carrierDownCount = 0;
  promiscuity = 0;
  allmulti = 0;

  type = 0;
  mtu = 0;
  minMtu = 0;
  maxMtu = 0;
  hardHeaderLen = 0;
  minHeaderLen = 0;
  neededHeadroom = 0;
  neededTailroom = 0;
  addrLen = 0;
  addrAssignType = NET_ADDR_PERM;
  devAddr = new Uint8Array(6);
  permAddr = new Uint8Array(6);
  broadcast = new Uint8Array(6);
  txQueueLen = 0;
  features = 0;
  hwFeatures = 0;
  wantedFeatures = 0;
  /** The longest super-frame it can segment itself. */
  tsoMaxSize = TSO_LEGACY_MAX_SIZE;

  netdevOps: NetDeviceOps = noDriverOps;
  ethtoolOps: EthtoolOps = {};
  readonly txq: readonly NetdevQueue[];
  numRxQueues = 1;
  /** The root qdisc as configured, which `ip link` shows. */
  qdisc: Qdisc;
  /** Polls without work before interrupts come back, and nanoseconds between them: /sys/class/net/DEV/. */
  napiDeferHardIrqs = 0;
  groFlushTimeout = 0;
  watchdogTimeo = 0;
  watchdogTimer: unknown = null;
  rxHandler: RxHandler | null = null;
  rxHandlerData: unknown = null;
  master: NetDevice | null = null;
  readonly napis: Napi[] = [];

  stats = new RtnlLinkStats64();
  /** Drops of this device's frames by SKB_DROP_REASON_*. */
  readonly drops = new Float64Array(SKB_DROP_REASON_MAX);
  /** The driver's private struct. */
  priv: unknown = null;

  /** Use allocNetdev or allocEtherdev. */
  constructor(net: Net, name: string, txqs: number) {
    this.net = net;
    this.pool = net.pool;
    this.name = name;
    this.txq = Array.from({ length: txqs }, (_, i) => new NetdevQueue(this, i));
    this.qdisc = this.txq[0]!.qdisc;
  }
}

const noDriverOps: NetDeviceOps = {
  ndoStartXmit: (_skb, dev) => {
    throw new Error(`${dev.name}: set netdevOps before the device is used`);
  },
};

export function netifRunning(dev: NetDevice): boolean {
  return (dev.state & LINK_STATE_START) !== 0;
}

export function netifDevicePresent(dev: NetDevice): boolean {
  return (dev.state & LINK_STATE_PRESENT) !== 0;
}
