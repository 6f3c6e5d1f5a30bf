/** Kinds of devices, made and removed by name: `ip link add ... type KIND`. cf. rtnl_newlink, net/core/rtnetlink.c */
import { parseMac } from '@etherloom/frame';
import { allocNetdev } from './alloc-netdev.ts';
import { devValidateMtu } from './dev-settings.ts';
import { validateEtherAddr } from './ethernet.ts';
import type { Net } from './net.ts';
import { NET_ADDR_SET, type NetDevice } from './net-device.ts';
import { NetError } from './net-error.ts';
import { registerNetdev, unregisterNetdev } from './register.ts';

export interface RtnlLinkOptions {
  /** A name or a template; the kind and a number when it is left out. */
  readonly name?: string | undefined;
  readonly address?: Uint8Array | string | undefined;
  readonly mtu?: number | undefined;
  readonly txQueueLen?: number | undefined;
}

/** One export a driver: how its kind is set up, registered and removed. */
export interface RtnlLinkOps<Options extends RtnlLinkOptions = RtnlLinkOptions> {
  readonly kind: string;
  setup(dev: NetDevice): void;
  /** How many transmit queues the device has; one when left out. */
  getNumTxQueues?(): number;
  /** Registers the device, and whatever comes with it; without it registerNetdev is called. */
  newlink?(dev: NetDevice, options: Options): void;
  /** Unregisters the device, and whatever came with it. */
  dellink?(dev: NetDevice): void;
  /** `ip -d` info_data. */
  fillInfo?(dev: NetDevice): Record<string, unknown>;
}

/** Allocates, sets up, configures and registers a device; a refusal leaves nothing behind. */
export function rtnlNewLink<Options extends RtnlLinkOptions>(
  net: Net,
  ops: RtnlLinkOps<Options>,
  options: Options,
): NetDevice {
  const dev = rtnlCreateLink(net, ops, options);
  if (ops.newlink !== undefined) ops.newlink(dev, options);
  else registerNetdev(dev);
  return dev;
}

/** The part before registration: for drivers that make a peer too. */
export function rtnlCreateLink<Options extends RtnlLinkOptions>(
  net: Net,
  ops: RtnlLinkOps<Options>,
  options: RtnlLinkOptions,
): NetDevice {
  const dev = allocNetdev(net, options.name ?? `${ops.kind}%d`, ops.setup, ops.getNumTxQueues?.());
  dev.kind = ops.kind;
  dev.rtnlLinkOps = ops as unknown as RtnlLinkOps;
  if (options.mtu !== undefined) {
    devValidateMtu(dev, options.mtu);
    dev.mtu = options.mtu;
  }
  if (options.address !== undefined) setAddress(dev, options.address);
  if (options.txQueueLen !== undefined) dev.txQueueLen = options.txQueueLen;
  return dev;
}

/** `ip link del DEV`; a device that no link ops made, such as lo, stays as long as its namespace. */
export function rtnlDelLink(dev: NetDevice): void {
  if (dev.rtnlLinkOps === null)
    throw new NetError('EOPNOTSUPP', `${dev.name} cannot be deleted: no link type made it`);
  destroyLink(dev);
}

/** For a namespace that goes: whoever made the device. */
export function destroyLink(dev: NetDevice): void {
  if (dev.rtnlLinkOps?.dellink !== undefined) dev.rtnlLinkOps.dellink(dev);
  else unregisterNetdev(dev);
}

function setAddress(dev: NetDevice, address: Uint8Array | string): void {
  const addr = typeof address === 'string' ? parseMac(address) : address;
  if (addr === null)
    throw new NetError('EINVAL', `${dev.name}: "${address}" is no MAC address; write 02:00:00:00:00:01`);
  validateEtherAddr(dev, addr);
  dev.devAddr.set(addr);
  dev.addrAssignType = NET_ADDR_SET;
}
