/** RTM_GETLINK answers as `ip -j addr` prints their first lines. Pure. cf. print_linkinfo, iproute2 ip/ipaddress.c */
import {
  ARPHRD_ETHER,
  ARPHRD_LOOPBACK,
  IFF_RUNNING,
  IFF_UP,
  linkFlagNames,
  OPER_STATES,
} from '@etherloom/netcore';
import { ipText, llText } from './ip-text.ts';
import { linkIndex } from './link-message.ts';
import { decodeAttributes, textOf } from './netlink-message.ts';

const IFINFOMSG_SIZE = 16;
const IFLA_ADDRESS = 1;
const IFLA_BROADCAST = 2;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_LINK = 5;
const IFLA_QDISC = 6;
const IFLA_MASTER = 10;
const IFLA_TXQLEN = 13;
const IFLA_OPERSTATE = 16;
const IFLA_GROUP = 27;
const IFLA_LINK_NETNSID = 37;
const IFLA_PROP_LIST = 52;
const IFLA_ALT_IFNAME = 53;
const IFLA_PERM_ADDRESS = 54;
/** ipip, sit, gre: their addresses are IPv4. */
const TUNNELS = [768, 776, 778];

const TYPES = new Map([
  [ARPHRD_ETHER, 'ether'],
  [ARPHRD_LOOPBACK, 'loopback'],
  [512, 'ppp'],
  [768, 'ipip'],
  [769, 'tunnel6'],
  [776, 'sit'],
  [778, 'gre'],
  [823, 'gre6'],
  [824, 'netlink'],
  [65534, 'none'],
]);

export interface DumpedLink {
  readonly ifindex: number;
  readonly name: string;
  readonly up: boolean;
  /** Index of the device below, 0 when there is none it could tell; undefined when it has no such thing. */
  readonly link: number | undefined;
  /** The device below is in another namespace. */
  readonly elsewhere: boolean;
  readonly master: number;
  readonly flags: string[];
  readonly head: { mtu: number; qdisc: string };
  readonly tail: {
    operstate: string;
    group: string;
    link_type: string;
    txqlen?: number;
    [key: string]: unknown;
  };
}

export function decodeDumpedLink(payload: Buffer): DumpedLink {
  const ifindex = linkIndex(payload);
  const a = decodeAttributes(payload, IFINFOMSG_SIZE);
  const u32 = (type: number) => a.get(type)?.readUInt32LE(0);
  const flags = payload.readUInt32LE(8);
  const type = payload.readUInt16LE(2);
  const group = u32(IFLA_GROUP) ?? 0;
  const txqlen = u32(IFLA_TXQLEN) ?? 0;
  return {
    ifindex,
    name: text(a.get(IFLA_IFNAME)),
    up: (flags & IFF_UP) !== 0,
    link: u32(IFLA_LINK),
    elsewhere: a.has(IFLA_LINK_NETNSID),
    master: u32(IFLA_MASTER) ?? 0,
    flags: flagNames(flags),
    head: { mtu: u32(IFLA_MTU) ?? 0, qdisc: text(a.get(IFLA_QDISC)) },
    tail: {
      operstate: OPER_STATES[a.get(IFLA_OPERSTATE)?.readUInt8(0) ?? 0] ?? 'UNKNOWN',
      group: group === 0 ? 'default' : String(group),
      ...(txqlen === 0 ? {} : { txqlen }),
      link_type: TYPES.get(type) ?? `[${type}]`,
      ...addresses(type, a),
      ...altnames(a.get(IFLA_PROP_LIST)),
    },
  };
}

function flagNames(flags: number): string[] {
  const names = linkFlagNames(flags);
  return (flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) === 0 ? ['NO-CARRIER', ...names] : names;
}

function addresses(type: number, a: Map<number, Buffer>): Record<string, string> {
  const address = a.get(IFLA_ADDRESS);
  const broadcast = a.get(IFLA_BROADCAST);
  const permanent = a.get(IFLA_PERM_ADDRESS);
  const show = (bytes: Buffer) => (TUNNELS.includes(type) ? ipText(bytes) : llText(bytes));
  return {
    ...(address === undefined ? {} : { address: show(address) }),
    ...(broadcast === undefined ? {} : { broadcast: show(broadcast) }),
    ...(permanent === undefined || address?.equals(permanent) ? {} : { permaddr: show(permanent) }),
  };
}

/** A nest of attributes that all have one type, so no map of them. */
function altnames(nest: Buffer | undefined): { altnames?: string[] } {
  const names: string[] = [];
  for (let at = 0; nest !== undefined && at + 4 <= nest.length; ) {
    const length = nest.readUInt16LE(at);
    if (length < 4) break;
    if (nest.readUInt16LE(at + 2) === IFLA_ALT_IFNAME) names.push(textOf(nest.subarray(at + 4, at + length)));
    at += (length + 3) & ~3;
  }
  return names.length === 0 ? {} : { altnames: names };
}

function text(value: Buffer | undefined): string {
  return value === undefined ? '' : textOf(value);
}
