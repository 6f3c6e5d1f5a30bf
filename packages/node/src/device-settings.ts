/** Changes the settings of a living device: all of a patch, or nothing of it. cf. do_setlink, net/core/rtnetlink.c */
import { parseMac } from '@etherloom/frame';
import {
  devAddAltname,
  devChangeCarrier,
  devChangeFlags,
  devClose,
  devDelAltname,
  devGetFlags,
  devOpen,
  devSetAlias,
  devSetGroup,
  devSetLinkMode,
  devSetMacAddress,
  devSetMtu,
  devSetOperstate,
  devSetTxQueueLen,
  IF_LINK_MODE_DEFAULT,
  IF_LINK_MODE_DORMANT,
  IF_OPER_DORMANT,
  IF_OPER_TESTING,
  IF_OPER_UP,
  IFF_ALLMULTI,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_PROMISC,
  IFF_UP,
  type NetDevice,
  NetError,
  netifCarrierOk,
} from '@etherloom/netcore';
import type { DevicePatch } from '@etherloom/schema';

/** One setting: does it, and gives what undoes it. */
type Change = (dev: NetDevice, patch: DevicePatch) => (() => void) | undefined;

/** Throws the NetError of the first refusal, with the changes before it taken back. */
export function patchDevice(dev: NetDevice, patch: DevicePatch): void {
  const undo: (() => void)[] = [];
  try {
    for (const change of CHANGES) {
      const back = change(dev, patch);
      if (back !== undefined) undo.push(back);
    }
  } catch (error) {
    for (const back of undo.reverse()) attempt(back);
    throw error;
  }
}

function attempt(back: () => void): void {
  try {
    back();
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
  }
}

/** Why this order: a device goes down before its other settings change and comes up after them. */
const CHANGES: readonly Change[] = [
  (dev, { up }) => (up === false ? setUp(dev, false) : undefined),
  (dev, { mtu }) => {
    const old = dev.mtu;
    if (mtu === undefined || mtu === old) return undefined;
    devSetMtu(dev, mtu);
    return () => devSetMtu(dev, old);
  },
  (dev, { address }) => (address === undefined ? undefined : setAddress(dev, address)),
  (dev, { txqlen }) => {
    const old = dev.txQueueLen;
    if (txqlen === undefined || txqlen === old) return undefined;
    devSetTxQueueLen(dev, txqlen);
    return () => devSetTxQueueLen(dev, old);
  },
  (dev, { ifalias }) => {
    const old = dev.ifalias;
    if (ifalias === undefined || ifalias === old) return undefined;
    devSetAlias(dev, ifalias);
    return () => devSetAlias(dev, old);
  },
  (dev, { group }) => {
    const old = dev.group;
    if (group === undefined || group === old) return undefined;
    devSetGroup(dev, group);
    return () => devSetGroup(dev, old);
  },
  (dev, { mode }) => (mode === undefined ? undefined : setMode(dev, LINK_MODES[mode])),
  (dev, { promisc }) => setFlag(dev, IFF_PROMISC, promisc),
  (dev, { allmulticast }) => setFlag(dev, IFF_ALLMULTI, allmulticast),
  (dev, { multicast }) => setFlag(dev, IFF_MULTICAST, multicast),
  (dev, { arp }) => setFlag(dev, IFF_NOARP, arp === undefined ? undefined : !arp),
  (dev, { altnames }) => changeAltnames(dev, altnames?.add ?? [], altnames?.del ?? []),
  (dev, { carrier }) => {
    if (carrier === undefined) return undefined;
    const old = netifCarrierOk(dev);
    // Why even when it shows so: a wire that is dead already can still be unplugged, and a device without one refuses.
    devChangeCarrier(dev, carrier);
    return netifCarrierOk(dev) === old ? undefined : () => devChangeCarrier(dev, old);
  },
  (dev, { up }) => (up === true ? setUp(dev, true) : undefined),
  (dev, { operstate }) => (operstate === undefined ? undefined : setOperstate(dev, OPER_STATES[operstate])),
];

const LINK_MODES = { default: IF_LINK_MODE_DEFAULT, dormant: IF_LINK_MODE_DORMANT } as const;
const OPER_STATES = { up: IF_OPER_UP, dormant: IF_OPER_DORMANT, testing: IF_OPER_TESTING } as const;

function setUp(dev: NetDevice, up: boolean): (() => void) | undefined {
  if (up === ((dev.flags & IFF_UP) !== 0)) return undefined;
  if (up) devOpen(dev);
  else devClose(dev);
  return () => void setUp(dev, !up);
}

/** A driver that cannot change the address of a running device says EBUSY, as in Linux. */
function setAddress(dev: NetDevice, text: string): (() => void) | undefined {
  const old = dev.devAddr.slice();
  const address = parseMac(text);
  if (address === null) throw new NetError('EINVAL', `${dev.name}: "${text}" is no MAC address`);
  if (address.every((byte, i) => byte === old[i])) return undefined;
  devSetMacAddress(dev, address);
  return () => devSetMacAddress(dev, old);
}

/** The user's share alone: a capture that needs every frame keeps it. */
function setFlag(dev: NetDevice, flag: number, on: boolean | undefined): (() => void) | undefined {
  const flags = devGetFlags(dev);
  if (on === undefined || ((flags & flag) !== 0) === on) return undefined;
  devChangeFlags(dev, flags ^ flag);
  return () => void setFlag(dev, flag, !on);
}

function setMode(dev: NetDevice, mode: number): (() => void) | undefined {
  const old = dev.linkMode;
  if (mode === old) return undefined;
  devSetLinkMode(dev, mode);
  return () => devSetLinkMode(dev, old);
}

function setOperstate(dev: NetDevice, state: number): (() => void) | undefined {
  const old = dev.operstate;
  devSetOperstate(dev, state);
  return dev.operstate === old ? undefined : () => devSetOperstate(dev, old);
}

/** One by one: the kernel refuses a name that is taken, and one that is not there. */
function changeAltnames(
  dev: NetDevice,
  add: readonly string[],
  del: readonly string[],
): (() => void) | undefined {
  const undo: (() => void)[] = [];
  const back = () => {
    for (const step of undo.reverse()) step();
  };
  try {
    for (const name of del) {
      devDelAltname(dev, name);
      undo.push(() => devAddAltname(dev, name));
    }
    for (const name of add) {
      devAddAltname(dev, name);
      undo.push(() => devDelAltname(dev, name));
    }
  } catch (error) {
    back();
    throw error;
  }
  return undo.length === 0 ? undefined : back;
}
