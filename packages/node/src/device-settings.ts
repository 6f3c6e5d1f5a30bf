/** Changes the settings of a living device: all of a patch, or nothing of it. cf. do_setlink, net/core/rtnetlink.c */
import { parseMac } from '@etherloom/frame';
import {
  devChangeCarrier,
  devChangeFlags,
  devClose,
  devGetFlags,
  devOpen,
  devSetAlias,
  devSetMacAddress,
  devSetMtu,
  devSetTxQueueLen,
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
  (dev, { promisc }) => (promisc === undefined ? undefined : setPromisc(dev, promisc)),
  (dev, { carrier }) => {
    if (carrier === undefined) return undefined;
    const old = netifCarrierOk(dev);
    // Why even when it shows so: a wire that is dead already can still be unplugged, and a device without one refuses.
    devChangeCarrier(dev, carrier);
    return netifCarrierOk(dev) === old ? undefined : () => devChangeCarrier(dev, old);
  },
  (dev, { up }) => (up === true ? setUp(dev, true) : undefined),
];

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
function setPromisc(dev: NetDevice, on: boolean): (() => void) | undefined {
  const flags = devGetFlags(dev);
  if (((flags & IFF_PROMISC) !== 0) === on) return undefined;
  devChangeFlags(dev, flags ^ IFF_PROMISC);
  return () => void setPromisc(dev, !on);
}
