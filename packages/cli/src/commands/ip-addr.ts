/** `etherloom ip address show`. */
import type { Client } from '@etherloom/client';
import type { IpAddr, IpLink } from '@etherloom/schema';
import { CliError } from '../cli-error.ts';
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
import { print } from '../output.ts';
import { prefixMatch } from '../prefix-match.ts';
import type { AddrFilter } from '../words/ip-addr-words.ts';
import type { ToolOptions } from '../words/tool-options.ts';
import { linkFilter } from './ip-link.ts';
import { chosenNodes, splitDevice } from './lab-devices.ts';

export async function showAddresses(client: Client, options: ToolOptions, filter: AddrFilter): Promise<void> {
  const [node, dev] = splitDevice(options.node, filter.dev);
  const nodes = await chosenNodes(client, node);
  const found = await Promise.all(
    nodes.map(async (name) => ({ node: name, items: await addressesOf(client, name, { ...filter, dev }) })),
  );
  if (dev !== null && found.every(({ items }) => items.length === 0))
    throw new CliError(`Device "${dev}" does not exist.`);
  const shown = found.map(({ node: name, items }) => ({
    node: name,
    items: narrowed(items, options, filter),
  }));
  const several = node === null;
  const view = { ...options, bare: options.family === 'inet' || options.family === 'inet6' };
  if (options.json) {
    const json = (each: Addressed) => (options.brief ? briefAddressesJson(each) : addressesJson(each, view));
    return print(toolJson(jsonByNode(shown, several, json), options.pretty));
  }
  const text = (each: Addressed) => {
    if (options.brief) return briefAddresses(each);
    return (options.oneline ? onelineAddresses(each) : formatAddresses(each, view)).join('\n');
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
  const matches = linkFilter({ ...filter, group: null, master: null });
  const known = new Map(links.map((link) => [link.ifname, link]));
  return dump
    .map((entry) => ({ link: known.get(entry.ifname) ?? asLink(entry), addresses: entry.addr_info as AddrInfo[] }))
    .filter(({ link }) => matches(link)); // biome-ignore format: one chain
}

/** An interface of the machine that is no device of the lab: without details, without counters. */
function asLink({ addr_info: _, ...entry }: IpAddr): IpLink {
  return entry as unknown as IpLink;
}

/** With a family, a scope or a prefix asked for, devices without such an address are not shown. */
function narrowed(all: readonly Addressed[], { family, oneline }: ToolOptions, filter: AddrFilter): Addressed[] {
  const lies = filter.to === null ? () => true : prefixMatch(filter.to);
  const matches = ({ family: own, scope, local }: AddrInfo) =>
    (family === null || own === family) && (filter.scope === null || scope === filter.scope) && lies(local);
  const shown = all.map(({ link, addresses }) => ({ link, addresses: addresses.filter(matches) }));
  const narrow = oneline || (family !== null && family !== 'link') || filter.scope !== null || filter.to !== null;
  return shown.filter(({ addresses }) => !narrow || addresses.length > 0);
} // biome-ignore format: one question a line
