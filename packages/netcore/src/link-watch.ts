/**
 * Carrier and dormancy, and the operational state that follows from them. cf. net/core/link_watch.c, operstates.rst
 * The kernel gathers events for up to a second; here each takes effect at once, and the counters are as exact.
 */
import { netifCarrierOk, netifDormant, netifTesting } from './carrier-state.ts';
import {
  IF_LINK_MODE_DORMANT,
  IF_LINK_MODE_TESTING,
  IF_OPER_DORMANT,
  IF_OPER_DOWN,
  IF_OPER_LOWERLAYERDOWN,
  IF_OPER_TESTING,
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
  IFF_UP,
  LINK_MODES,
} from './if.ts';
import {
  LINK_STATE_DORMANT,
  LINK_STATE_NOCARRIER,
  LINK_STATE_TESTING,
  NETREG_REGISTERED,
  NETREG_UNINITIALIZED,
  type NetDevice,
  netifDevicePresent,
  netifRunning,
} from './net-device.ts';
import { NetError } from './net-error.ts';
import { callNetdeviceNotifiers, NETDEV_CHANGE } from './notifier.ts';
import { devActivate, devDeactivate } from './sched/activate.ts';
import { netdevWatchdogUp } from './sched/watchdog.ts';

/** The wire is there. Idempotent: only a change counts and is told. */
export function netifCarrierOn(dev: NetDevice): void {
  if ((dev.state & LINK_STATE_NOCARRIER) === 0) return;
  dev.state &= ~LINK_STATE_NOCARRIER;
  if (dev.regState === NETREG_UNINITIALIZED) return;
  dev.carrierUpCount++;
  linkwatchFireEvent(dev);
  if (netifRunning(dev)) netdevWatchdogUp(dev);
}

export function netifCarrierOff(dev: NetDevice): void {
  if ((dev.state & LINK_STATE_NOCARRIER) !== 0) return;
  dev.state |= LINK_STATE_NOCARRIER;
  if (dev.regState === NETREG_UNINITIALIZED) return;
  dev.carrierDownCount++;
  linkwatchFireEvent(dev);
}

/** The wire is there, but something (802.1X, say) must happen before it may be used. */
export function netifDormantOn(dev: NetDevice): void {
  if (netifDormant(dev)) return;
  dev.state |= LINK_STATE_DORMANT;
  if (dev.regState !== NETREG_UNINITIALIZED) linkwatchFireEvent(dev);
}

export function netifDormantOff(dev: NetDevice): void {
  if (!netifDormant(dev)) return;
  dev.state &= ~LINK_STATE_DORMANT;
  if (dev.regState !== NETREG_UNINITIALIZED) linkwatchFireEvent(dev);
}

/**
 * Said by a driver that hears about the far end of its wire: there is one, and it has no carrier either, as the peer of a
 * veth that is down. While there is no carrier this shows as LOWERLAYERDOWN, not DOWN.
 */
export function netifLowerLayerDown(dev: NetDevice, down: boolean): void {
  if (dev.lowerLayerDown === down) return;
  dev.lowerLayerDown = down;
  if (dev.regState === NETREG_REGISTERED) followLower(dev);
}

/** The link is being tested, and carries no traffic of users. */
export function netifTestingOn(dev: NetDevice): void {
  if (netifTesting(dev)) return;
  dev.state |= LINK_STATE_TESTING;
  if (dev.regState !== NETREG_UNINITIALIZED) linkwatchFireEvent(dev);
}

export function netifTestingOff(dev: NetDevice): void {
  if (!netifTesting(dev)) return;
  dev.state &= ~LINK_STATE_TESTING;
  if (dev.regState !== NETREG_UNINITIALIZED) linkwatchFireEvent(dev);
}

/**
 * `ip link set DEV mode dormant|default`: the policy that keeps a link DORMANT until devSetOperstate says UP. It changes
 * nothing now: the next time the link comes up it is asked.
 */
export function devSetLinkMode(dev: NetDevice, mode: number): void {
  if (LINK_MODES[mode] === undefined) {
    throw new NetError(
      'EINVAL',
      `${dev.name}: link mode is 0 (default), 1 (dormant) or 2 (testing), not ${mode}`,
    );
  }
  if (mode === dev.linkMode) return;
  dev.linkMode = mode;
  netdevStateChange(dev);
}

/** `ip link set DEV state up|dormant|testing`: what a supplicant tells; of the other states nothing comes. cf. set_operstate */
export function devSetOperstate(dev: NetDevice, state: number): void {
  if (!mayBecome(dev, state) || state === dev.operstate) return;
  dev.operstate = state;
  netdevStateChange(dev);
}

function mayBecome(dev: NetDevice, state: number): boolean {
  if (state === IF_OPER_UP)
    return WAITS_TO_RISE.includes(dev.operstate) && !netifDormant(dev) && !netifTesting(dev);
  const isUp = dev.operstate === IF_OPER_UP || dev.operstate === IF_OPER_UNKNOWN;
  return isUp && (state === IF_OPER_DORMANT || state === IF_OPER_TESTING);
}

const WAITS_TO_RISE: readonly number[] = [IF_OPER_DORMANT, IF_OPER_TESTING, IF_OPER_UNKNOWN];

/** What user space sees: DOWN whenever the device is not running. */
export function devGetOperstate(dev: NetDevice): number {
  return netifRunning(dev) ? dev.operstate : IF_OPER_DOWN;
}

/** At registration: a device that never signalled stays UNKNOWN. cf. linkwatch_init_dev */
export function linkwatchInitDev(dev: NetDevice): void {
  if (!netifCarrierOk(dev) || netifDormant(dev) || netifTesting(dev)) rfc2863Policy(dev);
}

/** Has the operational state follow what it is made of, and qdiscs and listeners follow that. */
export function linkwatchFireEvent(dev: NetDevice): void {
  rfc2863Policy(dev);
  for (const upper of dev.net.devices()) {
    if (upper.iflink === dev.ifindex && upper !== dev) followLower(upper);
  }
  if ((dev.flags & IFF_UP) === 0) return;
  if (netifCarrierOk(dev)) devActivate(dev);
  else devDeactivate(dev);
  netdevStateChange(dev);
}

export function netdevStateChange(dev: NetDevice): void {
  if ((dev.flags & IFF_UP) !== 0) callNetdeviceNotifiers(NETDEV_CHANGE, dev);
}

/** The other end's news may turn DOWN into LOWERLAYERDOWN; a device that never signalled stays UNKNOWN. */
function followLower(dev: NetDevice): void {
  const before = dev.operstate;
  if (netifCarrierOk(dev)) return;
  rfc2863Policy(dev);
  if (dev.operstate !== before) netdevStateChange(dev);
}

function rfc2863Policy(dev: NetDevice): void {
  const state = defaultOperstate(dev);
  if (state === dev.operstate) return;
  if (state === IF_OPER_UP && dev.linkMode === IF_LINK_MODE_DORMANT) dev.operstate = IF_OPER_DORMANT;
  else if (state === IF_OPER_UP && dev.linkMode === IF_LINK_MODE_TESTING) dev.operstate = IF_OPER_TESTING;
  else dev.operstate = state;
}

function defaultOperstate(dev: NetDevice): number {
  if (netifTesting(dev)) return IF_OPER_TESTING;
  if (!netifCarrierOk(dev)) return peerLacksCarrier(dev) ? IF_OPER_LOWERLAYERDOWN : IF_OPER_DOWN;
  return netifDormant(dev) ? IF_OPER_DORMANT : IF_OPER_UP;
}

function peerLacksCarrier(dev: NetDevice): boolean {
  if (dev.lowerLayerDown) return true;
  if (dev.regState > NETREG_REGISTERED || dev.iflink === dev.ifindex) return false;
  const peer = dev.net.devGetByIndex(dev.iflink);
  return peer !== undefined && !netifCarrierOk(peer);
}

/** `ip link set DEV carrier on|off`, for drivers that let their wire be cut by hand. */
export function devChangeCarrier(dev: NetDevice, on: boolean): void {
  const change = dev.netdevOps.ndoChangeCarrier;
  if (change === undefined) {
    throw new NetError(
      'EOPNOTSUPP',
      `${dev.name}: a ${dev.kind || 'device'} does not let its carrier be set`,
    );
  }
  if (!netifDevicePresent(dev)) throw new NetError('ENODEV', `${dev.name} is not present`);
  change(dev, on);
}
