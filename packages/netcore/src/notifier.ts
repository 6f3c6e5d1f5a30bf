/** What happens to a device, told to whoever asked; some of it may be refused. cf. enum netdev_cmd, net/core/dev.c */
import { IFF_UP } from './if.ts';
import type { Net } from './net.ts';
import type { NetDevice } from './net-device.ts';
import { NetError } from './net-error.ts';

export const NETDEV_UP = 1;
export const NETDEV_DOWN = 2;
export const NETDEV_CHANGE = 4;
export const NETDEV_REGISTER = 5;
export const NETDEV_UNREGISTER = 6;
export const NETDEV_CHANGEMTU = 7;
export const NETDEV_CHANGEADDR = 8;
export const NETDEV_PRE_CHANGEADDR = 9;
export const NETDEV_GOING_DOWN = 10;
export const NETDEV_CHANGENAME = 11;
export const NETDEV_FEAT_CHANGE = 12;
export const NETDEV_PRE_UP = 14;
export const NETDEV_POST_INIT = 17;
export const NETDEV_PRECHANGEMTU = 24;
export const NETDEV_CHANGE_TX_QUEUE_LEN = 31;
export type NetdevEvent = number;

/**
 * What an event brings along: the MTU that is wanted (PRECHANGEMTU) or was there before (CHANGEMTU), the address that is
 * wanted (PRE_CHANGEADDR). cf. netdev_notifier_info_ext, netdev_notifier_pre_changeaddr_info
 */
export type NetdevNotifierInfo = number | Uint8Array;

/** Nothing, or an errno name to veto: the rest of the chain is not asked. */
// biome-ignore lint/suspicious/noConfusingVoidType: most listeners veto nothing and should not have to say so
type Verdict = string | undefined | void;

export type NetdevNotifier = (event: NetdevEvent, dev: NetDevice, info?: NetdevNotifierInfo) => Verdict;

export class NotifierChain {
  #notifiers: readonly NetdevNotifier[] = [];

  add(fn: NetdevNotifier): void {
    this.#notifiers = [...this.#notifiers, fn];
  }

  remove(fn: NetdevNotifier): void {
    this.#notifiers = this.#notifiers.filter((n) => n !== fn);
  }

  /** The errno name of the first veto. */
  call(event: NetdevEvent, dev: NetDevice, info?: NetdevNotifierInfo): string | undefined {
    for (const fn of this.#notifiers) {
      const errno = fn(event, dev, info);
      if (errno !== undefined) return errno;
    }
    return undefined;
  }
}

/** Tells everybody; a veto is the caller's to ignore. */
export function callNetdeviceNotifiers(
  event: NetdevEvent,
  dev: NetDevice,
  info?: NetdevNotifierInfo,
): string | undefined {
  return dev.net.notifiers.call(event, dev, info);
}

/** Asks everybody; throws on a veto. */
export function askNetdeviceNotifiers(
  event: NetdevEvent,
  dev: NetDevice,
  what: string,
  info?: NetdevNotifierInfo,
): void {
  const errno = callNetdeviceNotifiers(event, dev, info);
  if (errno !== undefined) throw new NetError(errno, `${dev.name}: ${what} was vetoed by a notifier`);
}

/**
 * Adds a notifier, and plays it the devices that are there already. A veto takes it off again and throws.
 * The returned function removes it and plays it their departure. cf. register_netdevice_notifier
 */
export function registerNetdeviceNotifier(net: Net, fn: NetdevNotifier): () => void {
  net.notifiers.add(fn);
  const seen: NetDevice[] = [];
  for (const dev of net.devices()) {
    const errno = fn(NETDEV_REGISTER, dev);
    if (errno !== undefined) {
      for (const other of seen.reverse()) playDeparture(fn, other);
      net.notifiers.remove(fn);
      throw new NetError(errno, `the new notifier vetoed ${dev.name}, so it was not added`);
    }
    seen.push(dev);
    if ((dev.flags & IFF_UP) !== 0) fn(NETDEV_UP, dev);
  }
  return () => {
    net.notifiers.remove(fn);
    for (const dev of net.devices()) playDeparture(fn, dev);
  };
}

function playDeparture(fn: NetdevNotifier, dev: NetDevice): void {
  if ((dev.flags & IFF_UP) !== 0) {
    fn(NETDEV_GOING_DOWN, dev);
    fn(NETDEV_DOWN, dev);
  }
  fn(NETDEV_UNREGISTER, dev);
}
