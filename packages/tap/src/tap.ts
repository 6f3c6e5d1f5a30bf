/**
 * tap - the other side of a Linux TAP interface. cf. drivers/net/tun.c, whose user space this is.
 *
 * Transmit hands a frame to Linux, which receives it inside the write(). Receive is NAPI: readiness of the fd
 * is the interrupt, and the poll drains it with non-blocking reads straight into skbs. Admin state, MTU, MAC
 * and carrier are those of the Linux interface, both ways.
 */
import {
  consumeSkb,
  etherSetup,
  ethTypeTrans,
  IFF_LIVE_ADDR_CHANGE,
  IFF_NO_QUEUE,
  kfreeSkb,
  type Napi,
  NETDEV_TX_OK,
  type NetDevice,
  type NetDeviceOps,
  type NetdevTx,
  type NetError,
  napiGroReceive,
  netifCarrierOff,
  netifCarrierOn,
  netifNapiAdd,
  type RtnlLinkOps,
  type RtnlLinkOptions,
  registerNetdev,
  SKB_DROP_REASON_DEV_READY,
  SKB_DROP_REASON_FULL_RING,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_PKT_TOO_BIG,
  type SkBuff,
} from '@etherloom/netcore';
import { bufferAddress } from './buffer-address.ts';
import { pollFd } from './fd-poll.ts';
import * as c from './libc.ts';
import { LinuxInterface } from './linux-interface.ts';
import { TapFollower } from './tap-follow.ts';

const VLAN_HLEN = 4;
/** The kernel's own limit for a TAP: ETH_MAX_MTU less the Ethernet header. */
const TAP_MAX_MTU = 65535 - 14;

export interface TapOptions extends RtnlLinkOptions {
  /** The name of the interface in Linux. */
  ifname: string;
  /** Path of the network namespace to make it in; by default the process's own. */
  netns?: string | null;
  /** Hears, with ENODEV, that the interface was deleted in Linux, and of changes there that were refused. */
  report?: (error: NetError) => void;
}

/** The driver's private struct. */
export class Tap {
  readonly linux: LinuxInterface;
  readonly lib = c.libc();
  readonly fd: number;
  readonly napi: Napi;
  readonly follower: TapFollower;
  /** Interrupts, and reads of an empty queue that ended a drain. */
  rxInterrupts = 0;
  rxDrained = 0;
  #poll: c.PollHandle | null = null;

  constructor(dev: NetDevice, linux: LinuxInterface, report: (error: NetError) => void) {
    this.linux = linux;
    this.fd = linux.fd;
    this.napi = netifNapiAdd(dev, tapPoll);
    this.follower = new TapFollower(dev, linux, report);
  }

  listen(dev: NetDevice): void {
    const handler = (): void => {
      this.rxInterrupts++;
      if (!this.napi.scheduled) this.napi.schedule();
    };
    this.#poll = pollFd(this.fd, (status) => {
      if (status < 0) this.follower.sync();
      else dev.net.irq(handler);
    });
  }

  unlisten(): void {
    this.#poll?.close();
    this.#poll = null;
  }
}

/** Ours by construction: newlink put it there. */
export function tapPriv(dev: NetDevice): Tap {
  return dev.priv as Tap;
}

function tapXmit(skb: SkBuff, dev: NetDevice): NetdevTx {
  const tap = dev.priv as Tap;
  const len = skb.tail - skb.data;
  if (tap.lib.write(tap.fd, bufferAddress(skb.buf) + skb.data, len) < 0) return tapXmitFailed(skb, dev, tap);
  dev.stats.txPackets++;
  dev.stats.txBytes += len;
  consumeSkb(skb);
  return NETDEV_TX_OK;
}

/**
 * The queue is not stopped on EAGAIN: a TAP's write has no queue of its own to wait for (Linux receives the
 * frame inside the call), so it says that the kernel is out of memory for this socket, and no event would
 * tell when to wake the queue. As a full ring it is dropped and counted.
 */
function tapXmitFailed(skb: SkBuff, dev: NetDevice, tap: Tap): NetdevTx {
  const errno = tap.lib.errno();
  if (errno === c.EIO) {
    dev.stats.txDropped++; // taken down in Linux a moment ago
    kfreeSkb(skb, SKB_DROP_REASON_DEV_READY);
    return NETDEV_TX_OK;
  }
  dev.stats.txErrors++;
  if (errno === c.EAGAIN || errno === c.ENOBUFS || errno === c.ENOMEM) {
    dev.stats.txFifoErrors++;
    kfreeSkb(skb, SKB_DROP_REASON_FULL_RING);
  } else if (errno === c.EBADFD) {
    dev.stats.txCarrierErrors++;
    kfreeSkb(skb, SKB_DROP_REASON_DEV_READY);
  } else {
    dev.stats.txAbortedErrors++;
    kfreeSkb(skb, SKB_DROP_REASON_NOT_SPECIFIED);
  }
  return NETDEV_TX_OK;
}

function tapPoll(napi: Napi, budget: number): number {
  const dev = napi.dev!;
  const tap = dev.priv as Tap;
  const most = dev.mtu + dev.hardHeaderLen + VLAN_HLEN;
  let work = 0;
  while (work < budget) {
    // One byte more than a frame may have, so that one cut short is noticed.
    const skb = dev.pool.alloc(most + 1);
    if (skb === null) break; // the frame waits in Linux's queue, which drops and counts for us when it is full
    const n = tap.lib.read(tap.fd, bufferAddress(skb.buf) + skb.data, skb.end - skb.tail);
    if (n < 0) {
      consumeSkb(skb);
      tap.rxDrained++;
      break; // EAGAIN; a dead fd is the follower's to find
    }
    work++;
    skb.put(n);
    tapRcv(napi, dev, skb, n > most);
  }
  if (work < budget) napi.completeDone(work); // nothing to unmask: readiness is level-triggered
  return work;
}

function tapRcv(napi: Napi, dev: NetDevice, skb: SkBuff, tooBig: boolean): void {
  if (tooBig) {
    dev.stats.rxErrors++;
    dev.stats.rxLengthErrors++;
    skb.dev = dev;
    kfreeSkb(skb, SKB_DROP_REASON_PKT_TOO_BIG);
    return;
  }
  dev.stats.rxPackets++;
  dev.stats.rxBytes += skb.len;
  skb.protocol = ethTypeTrans(skb, dev);
  napiGroReceive(napi, skb);
}

function tapOpen(dev: NetDevice): void {
  const tap = tapPriv(dev);
  tap.linux.setUp(true);
  tap.napi.enable();
  tap.listen(dev);
}

function tapStop(dev: NetDevice): void {
  const tap = tapPriv(dev);
  tap.unlisten();
  tap.napi.disable();
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

function tapUninit(dev: NetDevice): void {
  const tap = tapPriv(dev);
  tap.follower.stop();
  tap.linux.close();
}

const tapNetdevOps: NetDeviceOps = {
  ndoUninit: tapUninit,
  ndoOpen: tapOpen,
  ndoStop: tapStop,
  ndoStartXmit: tapXmit,
  ndoChangeMtu: tapChangeMtu,
  ndoSetMacAddress: tapSetMacAddress,
  ndoChangeCarrier: tapChangeCarrier,
};

const TAP_STRINGS = ['rx_interrupts', 'rx_drained'] as const;

function tapSetup(dev: NetDevice): void {
  etherSetup(dev);
  dev.netdevOps = tapNetdevOps;
  dev.ethtoolOps = {
    getDrvinfo: (d) => ({ driver: 'tap', version: '1', busInfo: tapPriv(d).linux.ifname }),
    getStrings: () => TAP_STRINGS,
    getEthtoolStats: (d) => [tapPriv(d).rxInterrupts, tapPriv(d).rxDrained],
  };
  dev.maxMtu = TAP_MAX_MTU;
  // write() takes a frame or fails: there is nothing to queue for.
  dev.privFlags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
}

/** Takes over what Linux gave the interface, gives it what was asked for, and registers the device. */
function tapNewlink(dev: NetDevice, options: TapOptions): void {
  const linux = LinuxInterface.create(options.ifname, options.netns ?? null);
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
    vnet_hdr: false,
    persist: false,
    ifname: tapPriv(dev).linux.ifname,
  }),
};
