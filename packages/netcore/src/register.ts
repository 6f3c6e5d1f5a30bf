/** The life of a device: registered it is visible and usable at once, unregistered nothing refers to it. cf. register_netdevice */
import { devClose } from './dev-flags.ts';
import { devGetValidName } from './dev-name.ts';
import { linkwatchInitDev } from './link-watch.ts';
import {
  LINK_STATE_PRESENT,
  NET_ADDR_PERM,
  NET_NAME_ENUM,
  NET_NAME_UNKNOWN,
  NET_NAME_USER,
  NETREG_REGISTERED,
  NETREG_UNINITIALIZED,
  NETREG_UNREGISTERED,
  NETREG_UNREGISTERING,
  type NetDevice,
} from './net-device.ts';
import { NetError } from './net-error.ts';
import { callNetdeviceNotifiers, NETDEV_POST_INIT, NETDEV_REGISTER, NETDEV_UNREGISTER } from './notifier.ts';
import { devShutdown } from './sched/activate.ts';

/** Gives the device its name and index and lists it; whatever refuses leaves nothing behind. */
export function registerNetdev(dev: NetDevice): void {
  if (dev.regState !== NETREG_UNINITIALIZED) {
    throw new NetError('EEXIST', `${dev.name} was registered before; allocate a new device`);
  }
  if (dev.net.stopped) throw new NetError('ENODEV', `${dev.name}: its network namespace has been stopped`);
  const template = dev.name.includes('%');
  dev.name = devGetValidName(dev.net, dev.name);
  if (dev.nameAssignType === NET_NAME_UNKNOWN) dev.nameAssignType = template ? NET_NAME_ENUM : NET_NAME_USER;
  dev.netdevOps.ndoInit?.(dev);
  dev.ifindex = dev.net.newIfindex();
  if (dev.iflink === 0) dev.iflink = dev.ifindex;
  askOrUninit(dev, callNetdeviceNotifiers(NETDEV_POST_INIT, dev));
  linkwatchInitDev(dev);
  if (dev.addrAssignType === NET_ADDR_PERM) dev.permAddr.set(dev.devAddr);
  dev.net.listNetdevice(dev);
  dev.regState = NETREG_REGISTERED;
  const errno = callNetdeviceNotifiers(NETDEV_REGISTER, dev);
  if (errno === undefined) return;
  unregisterNetdev(dev);
  throw new NetError(errno, `${dev.name}: registration was vetoed by a notifier`);
}

/** Closes the device, tells everybody, and takes it out of its namespace, for good. A second call does nothing. */
export function unregisterNetdev(dev: NetDevice): void {
  if (dev.regState !== NETREG_REGISTERED) return;
  devClose(dev);
  if (dev.regState !== NETREG_REGISTERED) return; // a listener that heard it go down has unregistered it
  dev.net.unlistNetdevice(dev);
  dev.regState = NETREG_UNREGISTERING;
  devShutdown(dev);
  callNetdeviceNotifiers(NETDEV_UNREGISTER, dev);
  dev.netdevOps.ndoUninit?.(dev);
  dev.rxHandler = null;
  dev.net.backlog.flush(dev);
  for (const napi of dev.napis) napi.del();
  dev.napis.length = 0;
  dev.regState = NETREG_UNREGISTERED;
  dev.state &= ~LINK_STATE_PRESENT; // whoever still has it in hand is told ENODEV
}

function askOrUninit(dev: NetDevice, errno: string | undefined): void {
  if (errno === undefined) return;
  dev.netdevOps.ndoUninit?.(dev);
  throw new NetError(errno, `${dev.name}: registration was vetoed by a notifier`);
}
