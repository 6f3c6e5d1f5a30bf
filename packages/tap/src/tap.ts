/**
 * tap - the other side of a Linux TAP interface. cf. drivers/net/tun.c, whose user space this is.
 *
 * Transmit (tap-tx.ts) writes frames to Linux, receive (tap-rx.ts) reads them in a NAPI poll. With offloads Linux is
 * spared most of the cost of each: what it sends comes in super-frames of up to 64 KiB, without checksums, which go on
 * as they are (whoever cannot send them has them cut: validate-xmit.ts), and TCP segments from the wire are gathered
 * before they are written. Admin state, MTU, MAC and carrier are those of the Linux interface, both ways.
 */
import {
  etherSetup,
  IFF_LIVE_ADDR_CHANGE,
  IFF_NO_QUEUE,
  type Napi,
  NETIF_F_GSO_UDP_L4,
  NETIF_F_HW_CSUM,
  NETIF_F_VNET,
  type NetDevice,
  type NetDeviceOps,
  type NetdevQueue,
  type NetError,
  netifCarrierOff,
  netifCarrierOn,
  type RtnlLinkOps,
  type RtnlLinkOptions,
  registerNetdev,
} from '@etherloom/netcore';
import { LinuxInterface } from './linux-interface.ts';
import { TapFollower } from './tap-follow.ts';
import { TapRx } from './tap-rx.ts';
import { TapTx } from './tap-tx.ts';

/** The kernel's own limit for a TAP: ETH_MAX_MTU less the Ethernet header. */
const TAP_MAX_MTU = 65535 - 14;

export interface TapOptions extends RtnlLinkOptions {
  /** The name of the interface in Linux. */
  ifname: string;
  /** Path of the network namespace to make it in; by default the process's own. */
  netns?: string | null;
  /** By default true, as far as the kernel has it. False: every frame as it is on the wire, as without IFF_VNET_HDR. */
  offload?: boolean;
  /** Hears, with ENODEV, that the interface was deleted in Linux, and of changes there that were refused. */
  report?: (error: NetError) => void;
}

/** The driver's private struct. */
export class Tap {
  readonly linux: LinuxInterface;
  readonly rx: TapRx;
  readonly tx: TapTx;
  readonly follower: TapFollower;
  readonly #dev: NetDevice;

  constructor(dev: NetDevice, linux: LinuxInterface, report: (error: NetError) => void) {
    this.linux = linux;
    this.rx = new TapRx(dev, linux.fd, linux.vnet, () => this.follower.sync());
    this.tx = new TapTx(dev, linux.fd, linux.vnet);
    this.follower = new TapFollower(dev, linux, report, (on) => this.#setGro(on));
    this.#dev = dev;
    this.#setGro(linux.readGro());
    this.tx.onwritten = () => void this.rx.napi.schedule();
  }

  /** Who has GRO taken off gets each frame as it was on the wire: nothing gathered, and super-frames cut. */
  #setGro(on: boolean): void {
    const { vnet, uso } = this.linux;
    const gso = uso ? NETIF_F_VNET : NETIF_F_VNET & ~NETIF_F_GSO_UDP_L4;
    if (!on) this.tx.flush();
    this.tx.gather = vnet && on;
    this.#dev.features = vnet ? (on ? gso : NETIF_F_HW_CSUM) : 0;
  }

  /** The receive side's. */
  get napi(): Napi {
    return this.rx.napi;
  }
}

/** Ours by construction: newlink put it there. */
export function tapPriv(dev: NetDevice): Tap {
  return dev.priv as Tap;
}

function tapOpen(dev: NetDevice): void {
  const tap = tapPriv(dev);
  tap.linux.setUp(true);
  tap.rx.open();
}

function tapStop(dev: NetDevice): void {
  const tap = tapPriv(dev);
  tap.rx.stop();
  tap.tx.flush();
  if (tap.linux.alive) tap.linux.setUp(false);
}

function tapChangeMtu(dev: NetDevice, mtu: number): void {
  tapPriv(dev).linux.setMtu(mtu);
  dev.mtu = mtu;
}

function tapSetMacAddress(dev: NetDevice, addr: Uint8Array): void {
  tapPriv(dev).linux.setAddress(addr);
  dev.devAddr.set(addr);
}

function tapChangeCarrier(dev: NetDevice, on: boolean): void {
  tapPriv(dev).linux.setCarrier(on);
  if (on) netifCarrierOn(dev);
  else netifCarrierOff(dev);
}

function tapSetRxGate(dev: NetDevice, txq: NetdevQueue | null): void {
  tapPriv(dev).rx.setGate(txq);
}

function tapUninit(dev: NetDevice): void {
  const tap = tapPriv(dev);
  tap.follower.stop();
  tap.linux.close();
}

const tapNetdevOps: NetDeviceOps = {
  ndoUninit: tapUninit,
  ndoOpen: tapOpen,
  ndoStop: tapStop,
  ndoStartXmit: (skb, dev) => (dev.priv as Tap).tx.xmit(skb),
  ndoChangeMtu: tapChangeMtu,
  ndoSetMacAddress: tapSetMacAddress,
  ndoChangeCarrier: tapChangeCarrier,
  ndoSetRxGate: tapSetRxGate,
};

/**
 * The device's own counters count frames of the wire, as the lab device's do: each segment one. linux_* is how Linux
 * counts the same frames on its interface, where a super-frame is one, with one header.
 */
const TAP_STRINGS = [
  'rx_interrupts',
  'rx_drained',
  'rx_gso_frames',
  'rx_gso_segments',
  'rx_gate_pauses',
  'rx_gate_masks',
  'tx_gso_frames',
  'tx_gso_segments',
  'linux_tx_packets',
  'linux_tx_bytes',
  'linux_rx_packets',
  'linux_rx_bytes',
] as const;

function tapGetEthtoolStats(dev: NetDevice): number[] {
  const { rx, tx } = tapPriv(dev);
  return [
    rx.interrupts,
    rx.drained,
    rx.gsoFrames,
    rx.gsoSegments,
    rx.pauses,
    rx.masked,
    tx.gsoFrames,
    tx.gsoSegments,
    rx.reads,
    rx.readBytes,
    tx.writes,
    tx.writtenBytes,
  ];
}

function tapSetup(dev: NetDevice): void {
  etherSetup(dev);
  dev.netdevOps = tapNetdevOps;
  dev.ethtoolOps = {
    getDrvinfo: (d) => ({ driver: 'tap', version: '1', busInfo: tapPriv(d).linux.ifname }),
    getStrings: () => TAP_STRINGS,
    getEthtoolStats: tapGetEthtoolStats,
  };
  dev.maxMtu = TAP_MAX_MTU;
  // write() takes a frame or fails: there is nothing to queue for.
  dev.privFlags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
}

/** Takes over what Linux gave the interface, gives it what was asked for, and registers the device. */
function tapNewlink(dev: NetDevice, options: TapOptions): void {
  const linux = LinuxInterface.create(options.ifname, options.netns ?? null, options.offload ?? true);
  try {
    if (options.address === undefined) dev.devAddr.set(linux.state.address);
    linux.setAddress(dev.devAddr);
    linux.setMtu(dev.mtu);
    if (!linux.state.carrier) netifCarrierOff(dev);
    dev.priv = new Tap(dev, linux, options.report ?? (() => {}));
    registerNetdev(dev);
  } catch (error) {
    (dev.priv as Tap | null)?.follower.stop();
    linux.close();
    throw error;
  }
}

export const tapLinkOps: RtnlLinkOps<TapOptions> = {
  kind: 'tap',
  setup: tapSetup,
  newlink: tapNewlink,
  fillInfo: (dev) => ({
    type: 'tap',
    pi: false,
    vnet_hdr: tapPriv(dev).linux.vnet,
    persist: false,
    ifname: tapPriv(dev).linux.ifname,
  }),
};
