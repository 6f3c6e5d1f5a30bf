/** RTM_GETADDR answers as `ip -j addr` prints them. Pure. cf. print_addrinfo, iproute2 ip/ipaddress.c */
import { ipText } from './ip-text.ts';
import * as c from './libc.ts';
import { decodeAttributes, malformed, textOf } from './netlink-message.ts';

export const RTM_GETADDR = 22;
const IFADDRMSG_SIZE = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_LABEL = 3;
const IFA_BROADCAST = 4;
const IFA_ANYCAST = 5;
const IFA_CACHEINFO = 6;
const IFA_FLAGS = 8;
const IFA_RT_PRIORITY = 9;
const IFA_F_SECONDARY = 0x01;
const IFA_F_PERMANENT = 0x80;

const SCOPES = new Map([
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
]);

/** In the order they are printed; the lack of PERMANENT is `dynamic`. */
const FLAGS: readonly (readonly [number, string])[] = [
  [IFA_F_SECONDARY, 'secondary'],
  [0x02, 'nodad'],
  [0x04, 'optimistic'],
  [0x08, 'dadfailed'],
  [0x10, 'home'],
  [0x20, 'deprecated'],
  [0x40, 'tentative'],
  [IFA_F_PERMANENT, 'dynamic'],
  [0x100, 'mngtmpaddr'],
  [0x200, 'noprefixroute'],
  [0x400, 'autojoin'],
  [0x800, 'stable-privacy'],
];

export interface DumpedAddress {
  readonly ifindex: number;
  readonly info: { family: string; prefixlen: number; scope: string; [key: string]: unknown };
}

export function decodeAddress(payload: Buffer): DumpedAddress {
  if (payload.length < IFADDRMSG_SIZE) throw malformed('ifaddrmsg', 0);
  const family = payload.readUInt8(0);
  const scope = payload.readUInt8(3);
  const attributes = decodeAttributes(payload, IFADDRMSG_SIZE);
  const label = attributes.get(IFA_LABEL);
  const flags = attributes.get(IFA_FLAGS)?.readUInt32LE(0) ?? payload.readUInt8(2);
  const metric = attributes.get(IFA_RT_PRIORITY)?.readUInt32LE(0) ?? 0;
  return {
    ifindex: payload.readUInt32LE(4),
    info: {
      family: family === c.AF_INET ? 'inet' : 'inet6',
      ...localOf(attributes),
      prefixlen: payload.readUInt8(1),
      ...(metric === 0 ? {} : { metric }),
      ...addressOf('broadcast', attributes.get(IFA_BROADCAST)),
      ...addressOf('anycast', attributes.get(IFA_ANYCAST)),
      scope: SCOPES.get(scope) ?? String(scope),
      ...flagsOf(flags, family),
      ...(label === undefined ? {} : { label: textOf(label) }),
      ...lifetimes(attributes.get(IFA_CACHEINFO)),
    },
  };
}

/** Point to point, IFA_ADDRESS is the peer's. */
function localOf(attributes: Map<number, Buffer>): Record<string, string> {
  const address = attributes.get(IFA_ADDRESS);
  const local = attributes.get(IFA_LOCAL) ?? address;
  if (local === undefined) return {};
  const peer = address === undefined || address.equals(local) ? {} : { address: ipText(address) };
  return { local: ipText(local), ...peer };
}

function addressOf(key: string, value: Buffer | undefined): Record<string, string> {
  return value === undefined ? {} : { [key]: ipText(value) };
}

function flagsOf(flags: number, family: number): Record<string, true> {
  const shown = FLAGS.filter(([mask]) => ((flags & mask) !== 0) !== (mask === IFA_F_PERMANENT));
  const name = (mask: number, text: string) =>
    mask === IFA_F_SECONDARY && family === c.AF_INET6 ? 'temporary' : text;
  return Object.fromEntries(shown.map(([mask, text]) => [name(mask, text), true as const]));
}

function lifetimes(info: Buffer | undefined): Record<string, number> {
  if (info === undefined || info.length < 8) return {};
  return { valid_life_time: info.readUInt32LE(4), preferred_life_time: info.readUInt32LE(0) };
}
