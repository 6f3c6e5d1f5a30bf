/** Up, down, promiscuous: the flags of a device and what follows from them. cf. __dev_open, dev_get_flags, net/core/dev.c */
import { netifCarrierOk, netifDormant } from './carrier-state.ts';
import {
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_DEBUG,
  IFF_DORMANT,
  IFF_DYNAMIC,
  IFF_LOWER_UP,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
} from './if.ts';
import { LINK_STATE_START, type NetDevice, netifDevicePresent, netifRunning } from './net-device.ts';
import { NetError } from './net-error.ts';
import {
  askNetdeviceNotifiers,
  callNetdeviceNotifiers,
  NETDEV_CHANGE,
  NETDEV_DOWN,
  NETDEV_GOING_DOWN,
  NETDEV_PRE_UP,
  NETDEV_UP,
} from './notifier.ts';
import { devActivate, devDeactivate } from './sched/activate.ts';

/** Flags that user space may change as they are. */
const USER_FLAGS =
  IFF_DEBUG | IFF_NOTRAILERS | IFF_NOARP | IFF_DYNAMIC | IFF_MULTICAST | IFF_PORTSEL | IFF_AUTOMEDIA;
const COUNT_ROOF = 0xffffffff;
/** Flags that are computed, not kept. */
const VOLATILE_FLAGS = IFF_PROMISC | IFF_ALLMULTI | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT;

/** `ip link set DEV up`. A driver or notifier that refuses leaves the device down. */
export function devOpen(dev: NetDevice): void {
  if ((dev.flags & IFF_UP) !== 0) return;
  if (!netifDevicePresent(dev)) throw new NetError('ENODEV', `${dev.name} is not present`);
  askNetdeviceNotifiers(NETDEV_PRE_UP, dev, 'going up');
  dev.state |= LINK_STATE_START;
  try {
    dev.netdevOps.ndoValidateAddr?.(dev);
    dev.netdevOps.ndoOpen?.(dev);
  } catch (error) {
    dev.state &= ~LINK_STATE_START;
    throw error;
  }
  dev.flags |= IFF_UP;
  dev.netdevOps.ndoSetRxMode?.(dev);
  devActivate(dev);
  callNetdeviceNotifiers(NETDEV_UP, dev);
}

/** `ip link set DEV down`: no frame in or out after it; statistics stay. */
export function devClose(dev: NetDevice): void {
  if ((dev.flags & IFF_UP) === 0) return;
  callNetdeviceNotifiers(NETDEV_GOING_DOWN, dev);
  dev.state &= ~LINK_STATE_START;
  devDeactivate(dev);
  dev.netdevOps.ndoStop?.(dev);
  dev.flags &= ~IFF_UP;
  callNetdeviceNotifiers(NETDEV_DOWN, dev);
}

/** The flags as user space sees them. */
export function devGetFlags(dev: NetDevice): number {
  let flags = (dev.flags & ~VOLATILE_FLAGS) | (dev.gflags & (IFF_PROMISC | IFF_ALLMULTI));
  if (!netifRunning(dev)) return flags;
  if (dev.operstate === IF_OPER_UP || dev.operstate === IF_OPER_UNKNOWN) flags |= IFF_RUNNING;
  if (netifCarrierOk(dev)) flags |= IFF_LOWER_UP;
  if (netifDormant(dev)) flags |= IFF_DORMANT;
  return flags;
}

/** Sets the flags that user space may set: admin state, PROMISC, ALLMULTI, NOARP ... ; the rest is ignored. */
export function devChangeFlags(dev: NetDevice, flags: number): void {
  const before = dev.flags;
  dev.flags = (flags & USER_FLAGS) | (dev.flags & ~USER_FLAGS);
  if (((before ^ flags) & IFF_MULTICAST) !== 0) setRxMode(dev);
  if (((before ^ flags) & IFF_UP) !== 0) setUp(dev, (flags & IFF_UP) !== 0, before);
  if (((flags ^ dev.gflags) & IFF_PROMISC) !== 0) {
    dev.gflags ^= IFF_PROMISC;
    devSetPromiscuity(dev, (flags & IFF_PROMISC) !== 0 ? 1 : -1);
  }
  if (((flags ^ dev.gflags) & IFF_ALLMULTI) !== 0) {
    dev.gflags ^= IFF_ALLMULTI;
    devSetAllmulti(dev, (flags & IFF_ALLMULTI) !== 0 ? 1 : -1);
  }
  const changes = (before ^ dev.flags) & USER_FLAGS;
  if ((dev.flags & IFF_UP) !== 0 && changes !== 0) callNetdeviceNotifiers(NETDEV_CHANGE, dev);
}

/** A device that refuses to go up keeps the flags it had. */
function setUp(dev: NetDevice, up: boolean, before: number): void {
  if (!up) {
    devClose(dev);
    return;
  }
  try {
    devOpen(dev);
  } catch (error) {
    dev.flags = before;
    throw error;
  }
}

/** Counts one more (1) or one less (-1) who needs every frame. */
export function devSetPromiscuity(dev: NetDevice, inc: number): void {
  dev.promiscuity = counted(dev, 'promiscuity', dev.promiscuity, inc);
  setFlag(dev, IFF_PROMISC, dev.promiscuity > 0);
}

export function devSetAllmulti(dev: NetDevice, inc: number): void {
  dev.allmulti = counted(dev, 'allmulti', dev.allmulti, inc);
  setFlag(dev, IFF_ALLMULTI, dev.allmulti > 0);
}

function counted(dev: NetDevice, what: string, count: number, inc: number): number {
  if (count + inc < 0)
    throw new NetError('EOVERFLOW', `${dev.name}: ${what} is ${count} and cannot drop by ${-inc}`);
  if (count + inc <= COUNT_ROOF) return count + inc;
  throw new NetError('EOVERFLOW', `${dev.name}: ${what} touches roof, set ${what} failed`);
}

function setFlag(dev: NetDevice, flag: number, on: boolean): void {
  if (((dev.flags & flag) !== 0) === on) return;
  dev.flags ^= flag;
  setRxMode(dev);
}

function setRxMode(dev: NetDevice): void {
  if ((dev.flags & IFF_UP) !== 0) dev.netdevOps.ndoSetRxMode?.(dev);
}
