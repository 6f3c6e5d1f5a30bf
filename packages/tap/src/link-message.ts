/** RTM_*LINK: struct ifinfomsg and its IFLA attributes. Pure. cf. include/uapi/linux/if_link.h */
import { attribute, cstring, decodeAttributes, malformed, textOf, u32 } from './netlink-message.ts';

export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
export const IFF_UP = 0x1;
const IFINFOMSG_SIZE = 16;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_TXQLEN = 13;
const IFLA_OPERSTATE = 16;
const IFLA_CARRIER = 33;
const IFLA_MIN_MTU = 50;
const IFLA_MAX_MTU = 51;

/** What Linux says of an interface, as far as we mirror it. */
export interface LinuxLink {
  ifindex: number;
  ifname: string;
  up: boolean;
  carrier: boolean;
  operstate: number;
  mtu: number;
  minMtu: number;
  maxMtu: number;
  txqlen: number;
  address: Uint8Array;
}

export interface LinkChange {
  up?: boolean;
  mtu?: number;
  address?: Uint8Array;
  txqlen?: number;
}

export function ifinfomsg(ifindex: number, flags = 0, change = 0): Buffer {
  const out = Buffer.alloc(IFINFOMSG_SIZE);
  out.writeInt32LE(ifindex, 4);
  out.writeUInt32LE(flags, 8);
  out.writeUInt32LE(change, 12);
  return out;
}

export function encodeLinkChange(
  ifindex: number,
  change: LinkChange,
): { header: Buffer; attributes: Buffer[] } {
  const flags = change.up === true ? IFF_UP : 0;
  const attributes: Buffer[] = [];
  if (change.mtu !== undefined) attributes.push(attribute(IFLA_MTU, u32(change.mtu)));
  if (change.txqlen !== undefined) attributes.push(attribute(IFLA_TXQLEN, u32(change.txqlen)));
  if (change.address !== undefined) attributes.push(attribute(IFLA_ADDRESS, change.address));
  return { header: ifinfomsg(ifindex, flags, change.up === undefined ? 0 : IFF_UP), attributes };
}

export function encodeLinkByName(ifname: string): { header: Buffer; attributes: Buffer[] } {
  return { header: ifinfomsg(0), attributes: [attribute(IFLA_IFNAME, cstring(ifname))] };
}

/** The interface a link message is about, without looking at its attributes. */
export function linkIndex(payload: Buffer): number {
  if (payload.length < IFINFOMSG_SIZE) throw malformed('ifinfomsg', 0);
  return payload.readInt32LE(4);
}

export function decodeLink(payload: Buffer): LinuxLink {
  const ifindex = linkIndex(payload);
  const attributes = decodeAttributes(payload, IFINFOMSG_SIZE);
  const number = (type: number, size: 1 | 4, otherwise: number): number => {
    const value = attributes.get(type);
    if (value === undefined) return otherwise;
    if (value.length !== size) throw malformed(`length of attribute ${type}`, 0);
    return value.readUIntLE(0, size);
  };
  const name = attributes.get(IFLA_IFNAME);
  if (name === undefined) throw malformed('link without a name', 0);
  return {
    ifindex,
    ifname: textOf(name),
    up: (payload.readUInt32LE(8) & IFF_UP) !== 0,
    carrier: number(IFLA_CARRIER, 1, 0) !== 0,
    operstate: number(IFLA_OPERSTATE, 1, 0),
    mtu: number(IFLA_MTU, 4, 0),
    minMtu: number(IFLA_MIN_MTU, 4, 0),
    maxMtu: number(IFLA_MAX_MTU, 4, 0),
    txqlen: number(IFLA_TXQLEN, 4, 0),
    address: Uint8Array.from(attributes.get(IFLA_ADDRESS) ?? []),
  };
}
