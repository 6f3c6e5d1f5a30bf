/** `etherloom ip address show`. */
import type { Client } from '@etherloom/client';
import type { IpAddr, IpLink } from '@etherloom/schema';
import { jsonByNode, textByNode } from '../format/by-node.ts';
import {
  type Addressed,
  type AddrInfo,
  addressesJson,
  briefAddresses,
  briefAddressesJson,
  formatAddresses,
  onelineAddresses,
} from '../format/ip-addr.ts';
import { toolJson } from '../format/json.ts';
import { paintFor } from '../format/paint.ts';
import { print } from '../output.ts';
import { prefixMatch } from '../prefix-match.ts';
import type { AddrFilter } from '../words/ip-addr-words.ts';
import { mistake } from '../words/mistakes.ts';
import type { ToolOptions } from '../words/tool-options.ts';
import { linkFilter, masterMustExist } from './ip-link.ts';
import { chosenNodes, splitDevice } from './lab-devices.ts';

export async function showAddresses(client: Client, options: ToolOptions, filter: AddrFilter): Promise<void> {
  const [node, dev] = splitDevice(options.node, filter.dev);
  const nodes = await chosenNodes(client, node);
  const found = await Promise.all(
    nodes.map(async (name) => ({ node: name, items: await addressesOf(client, name, { ...filter, dev }) })),
  );
  if (dev !== null && found.every(({ items }) => items.length === 0))
    throw mistake(`Device "${dev}" does not exist.`, 1);
  const shown = found.map(({ node: name, items }) => ({
    node: name,
    items: narrowed(items, options, filter),
  }));
  const several = node === null;
  const paint = paintFor(options);
  const bare = options.family === 'inet' || options.family === 'inet6' || filter.to !== null;
  const view = { ...options, paint, bare, addressesOnly: filter.label !== null };
  if (options.json) {
    const json = (each: Addressed) => (options.brief ? briefAddressesJson(each) : addressesJson(each, view));
    return print(toolJson(jsonByNode(shown, several, json), options.pretty));
  }
  const text = (each: Addressed) => {
    if (options.brief) return briefAddresses(each, paint);
    return (options.oneline ? onelineAddresses(each, paint) : formatAddresses(each, view)).join('\n');
  };
  const all = textByNode(shown, several, text);
  if (all !== '') print(all);
}

/** The device as "ip link" knows it, which has what -d and -s ask for; else as the addresses came with it. */
async function addressesOf(client: Client, node: string, filter: AddrFilter): Promise<Addressed[]> {
  const [links, dump] = await Promise.all([
    client.listDevices({ params: { node } }),
    client.listAddresses({ params: { node } }),
  ]);
  masterMustExist(links, filter.master);
  const matches = linkFilter(filter);
  const known = new Map(links.map((link) => [link.ifname, link]));
  return dump
    .map((entry) => ({ link: known.get(entry.ifname) ?? asLink(entry), addresses: entry.addr_info as AddrInfo[] }))
    .filter(({ link }) => matches(link)); // biome-ignore format: one chain
}

/** An interface of the machine that is no device of the lab: without details, without counters. */
function asLink({ addr_info: _, ...entry }: IpAddr): IpLink {
  return entry as unknown as IpLink;
}

/**
 * With a family or a prefix asked for, devices without such an address are not shown; with anything else of an
 * address those that have addresses, and none like that. cf. iproute2 ip/ipaddress.c: ipaddr_filter
 */
function narrowed(all: readonly Addressed[], { family, oneline }: ToolOptions, filter: AddrFilter): Addressed[] {
  const strict = oneline || family === 'inet' || family === 'inet6' || filter.to !== null || filter.label !== null;
  return all.flatMap(({ link, addresses }) => {
    const left = addresses.filter(addressFilter(link.ifname, family, filter));
    return left.length > 0 || (!strict && addresses.length === 0) ? [{ link, addresses: left }] : [];
  });
} // biome-ignore format: one question a line

function addressFilter(
  ifname: string,
  family: ToolOptions['family'],
  { scope, to, label, flags }: AddrFilter,
) {
  const lies = to === null ? () => true : prefixMatch(to);
  const named = label === null ? null : globOf(label);
  return (address: AddrInfo): boolean =>
    (family === null || address.family === family) &&
    (scope === null || address.scope === scope) &&
    lies(address.local) &&
    (named === null || named.test(address.label ?? ifname)) &&
    Object.entries(flags).every(([flag, set]) => (address[flag] === true) === set);
}

/** As a shell matches a file name. */
function globOf(pattern: string): RegExp {
  const plain = pattern.replaceAll(/[.+^${}()|\\]/g, '\\$&');
  return new RegExp(`^${plain.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
