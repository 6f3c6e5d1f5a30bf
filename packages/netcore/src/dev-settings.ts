/** MTU, address, queue length, alias: refusable settings, each told to the notifiers. cf. dev_set_mtu_ext, dev_set_mac_address */
import { IFALIASZ } from './if.ts';
import { RtnlLinkStats64 } from './link-stats.ts';
import { netdevStateChange } from './link-watch.ts';
import { NET_ADDR_SET, type NetDevice, netifDevicePresent } from './net-device.ts';
import { NetError } from './net-error.ts';
import {
  askNetdeviceNotifiers,
  callNetdeviceNotifiers,
  NETDEV_CHANGE_TX_QUEUE_LEN,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_PRE_CHANGEADDR,
  NETDEV_PRECHANGEMTU,
} from './notifier.ts';
import { devQdiscChangeTxQueueLen } from './sched/activate.ts';
import { utf8Length } from './utf8-length.ts';

/** Throws when the device's bounds forbid the MTU; maxMtu 0 is no bound. */
export function devValidateMtu(dev: NetDevice, mtu: number): void {
  const range = `${dev.name} takes ${dev.minMtu} to ${dev.maxMtu || 'any'}, not ${mtu}`;
  if (!Number.isInteger(mtu) || mtu < 0 || mtu < dev.minMtu) {
    throw new NetError('EINVAL', `mtu less than device minimum: ${range}`);
  }
  if (dev.maxMtu > 0 && mtu > dev.maxMtu) {
    throw new NetError('EINVAL', `mtu greater than device maximum: ${range}`);
  }
}

/** Takes effect at once, up or down; frames queued already are not touched. A veto restores the old MTU. */
export function devSetMtu(dev: NetDevice, mtu: number): void {
  if (mtu === dev.mtu) return;
  devValidateMtu(dev, mtu);
  requirePresent(dev);
  askNetdeviceNotifiers(NETDEV_PRECHANGEMTU, dev, `mtu ${mtu}`, mtu);
  const old = dev.mtu;
  storeMtu(dev, mtu);
  const errno = callNetdeviceNotifiers(NETDEV_CHANGEMTU, dev, old);
  if (errno === undefined) return;
  storeMtu(dev, old);
  callNetdeviceNotifiers(NETDEV_CHANGEMTU, dev, mtu);
  throw new NetError(errno, `${dev.name}: mtu ${mtu} was vetoed by a notifier; it is ${old} again`);
}

export function devSetMacAddress(dev: NetDevice, mac: Uint8Array): void {
  const set = dev.netdevOps.ndoSetMacAddress;
  if (set === undefined)
    throw new NetError('EOPNOTSUPP', `${dev.name}: a ${dev.kind || 'device'} has a fixed address`);
  if (mac.length !== dev.addrLen) {
    throw new NetError('EINVAL', `${dev.name}: an address has ${dev.addrLen} bytes, not ${mac.length}`);
  }
  requirePresent(dev);
  askNetdeviceNotifiers(NETDEV_PRE_CHANGEADDR, dev, 'the new address', mac);
  if (dev.devAddr.some((byte, i) => byte !== mac[i])) set(dev, mac);
  dev.addrAssignType = NET_ADDR_SET;
  callNetdeviceNotifiers(NETDEV_CHANGEADDR, dev);
}

export function devSetTxQueueLen(dev: NetDevice, len: number): void {
  if (!Number.isInteger(len) || len < 0 || len > 0xffffffff) {
    throw new NetError('ERANGE', `${dev.name}: txqueuelen is a whole number from 0, not ${len}`);
  }
  if (len === dev.txQueueLen) return;
  const old = dev.txQueueLen;
  dev.txQueueLen = len;
  try {
    askNetdeviceNotifiers(NETDEV_CHANGE_TX_QUEUE_LEN, dev, `txqueuelen ${len}`);
    devQdiscChangeTxQueueLen(dev, len);
  } catch (error) {
    dev.txQueueLen = old;
    dev.net.printk(`${dev.name}: refused to change device tx_queue_len`);
    throw error;
  }
}

/** A free text for people; empty removes it. */
export function devSetAlias(dev: NetDevice, alias: string): void {
  const bytes = utf8Length(alias);
  if (bytes >= IFALIASZ) {
    throw new NetError('EINVAL', `${dev.name}: an alias has at most ${IFALIASZ - 1} bytes, not ${bytes}`);
  }
  if (alias === dev.ifalias) return;
  dev.ifalias = alias;
  netdevStateChange(dev);
}

/** `ip link set DEV group N`: a number to name many devices by; 0 is the default group. */
export function devSetGroup(dev: NetDevice, group: number): void {
  if (!Number.isInteger(group) || group < 0 || group > 0xffffffff) {
    throw new NetError('EINVAL', `${dev.name}: a group is a whole number from 0, not ${group}`);
  }
  if (group === dev.group) return;
  dev.group = group;
  netdevStateChange(dev);
}

/** A snapshot; a driver that counts elsewhere completes it. */
export function devGetStats(dev: NetDevice): RtnlLinkStats64 {
  const storage = Object.assign(new RtnlLinkStats64(), dev.stats);
  dev.netdevOps.ndoGetStats64?.(dev, storage);
  return storage;
}

function storeMtu(dev: NetDevice, mtu: number): void {
  if (dev.netdevOps.ndoChangeMtu !== undefined) dev.netdevOps.ndoChangeMtu(dev, mtu);
  else dev.mtu = mtu;
}

function requirePresent(dev: NetDevice): void {
  if (!netifDevicePresent(dev)) throw new NetError('ENODEV', `${dev.name} is not present`);
}
