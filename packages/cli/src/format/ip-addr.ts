/** The text and JSON of `ip address`. cf. iproute2 ip/ipaddress.c: print_addrinfo, print_ifa_flags */
import type { IpLink } from '@etherloom/schema';
import { briefName, type LinkView, linkLines, linkStats } from './ip-link.ts';
import { linkJson } from './ip-link-json.ts';
import { familyHue, type Paint, PLAIN } from './paint.ts';

/** One element of `addr_info`; flags are keys of their own, set to true. */
export interface AddrInfo {
  readonly family: string;
  readonly local: string;
  readonly address?: string | undefined;
  readonly prefixlen: number;
  readonly metric?: number | undefined;
  readonly broadcast?: string | undefined;
  readonly anycast?: string | undefined;
  readonly scope: string;
  readonly label?: string | undefined;
  readonly valid_life_time?: number | undefined;
  readonly preferred_life_time?: number | undefined;
  readonly [flag: string]: unknown;
}

export interface Addressed {
  readonly link: IpLink;
  readonly addresses: readonly AddrInfo[];
}

const FOREVER = 0xffff_ffff;

/** In iproute2's order. */
const FLAGS = ['secondary', 'temporary', 'nodad', 'optimistic', 'dadfailed', 'home', 'deprecated', 'tentative', 'dynamic', 'mngtmpaddr', 'noprefixroute', 'autojoin', 'stable-privacy']; // biome-ignore format: one line of text

const KEYS = [
  'family',
  'local',
  'address',
  'prefixlen',
  'metric',
  'broadcast',
  'anycast',
  'scope',
  ...FLAGS,
  'ifa_flags',
  'protocol',
  'label',
];

export function formatAddresses({ link, addresses }: Addressed, view: LinkView): string[] {
  const each = addresses.flatMap((address) => addressLines(address, view.paint));
  if (view.addressesOnly) return each;
  return [...linkLines(link, { ...view, addresses: true }), ...each, ...linkStats(link, view)];
}

/** `ip -o address`: a line an address, none for the device itself. */
export function onelineAddresses({ link, addresses }: Addressed, paint: Paint = PLAIN): string[] {
  return addresses.map(
    (address) => `${link.ifindex}: ${link.ifname}${addressLines(address, paint).join('\\')}`,
  );
}

/** `ip -br address`. */
export function briefAddresses({ link, addresses }: Addressed, paint: Paint = PLAIN): string {
  return briefName(link, paint) + addresses.map((address) => `${placeOf(address, paint)} `).join('');
}

export function addressesJson({ link, addresses }: Addressed, view: LinkView): Record<string, unknown> {
  const { stats64, ...rest } = linkJson(link, { ...view, addresses: true });
  return { ...rest, addr_info: addresses.map(ordered), ...(stats64 === undefined ? {} : { stats64 }) };
}

export function briefAddressesJson({ link, addresses }: Addressed): Record<string, unknown> {
  const short = addresses.map(({ local, address, prefixlen, metric }) => ({
    local,
    address,
    prefixlen,
    metric,
  }));
  return { link: link.link, ifname: link.ifname, operstate: link.operstate, addr_info: short };
}

/** In iproute2's order, whatever order they came in. */
function ordered(address: AddrInfo): Record<string, unknown> {
  const known = KEYS.filter((key) => address[key] !== undefined).map((key) => [key, address[key]]);
  return { ...Object.fromEntries(known), ...lifetimesOf(address) };
}

function lifetimesOf({ valid_life_time, preferred_life_time }: AddrInfo): object {
  return valid_life_time === undefined ? {} : { valid_life_time, preferred_life_time };
}

function addressLines(address: AddrInfo, paint: Paint = PLAIN): string[] {
  const extra = [
    address.broadcast === undefined
      ? ''
      : `brd ${paint(familyHue(address.broadcast), `${address.broadcast} `)}`,
    address.anycast === undefined ? '' : `any ${paint(familyHue(address.anycast), `${address.anycast} `)}`,
    `scope ${address.scope} `,
    ...FLAGS.filter((flag) => address[flag] === true).map((flag) => `${flag} `),
    typeof address['protocol'] === 'string' ? `proto ${address['protocol']} ` : '',
    address.label ?? '',
  ];
  const first = `    ${address.family} ${placeOf(address, paint)} ${extra.join('')}`;
  if (address.valid_life_time === undefined) return [first];
  const lifetimes = `valid_lft ${lifetime(address.valid_life_time)} preferred_lft ${lifetime(address.preferred_life_time)}`;
  return [first, `       ${lifetimes}`];
}

/** 10.0.0.1/24, of a tunnel 10.0.0.1 peer 10.0.0.2/32. */
function placeOf({ local, address, prefixlen, metric }: AddrInfo, paint: Paint): string {
  const peer = address === undefined ? '' : ` peer ${paint(familyHue(address), address)}`;
  return `${paint(familyHue(local), local)}${peer}/${prefixlen}${metric === undefined ? '' : ` metric ${metric}`}`;
}

function lifetime(seconds = FOREVER): string {
  return seconds === FOREVER ? 'forever' : `${seconds}sec`;
}
