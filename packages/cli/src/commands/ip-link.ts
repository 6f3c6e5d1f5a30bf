/** `etherloom ip link`: show, set, property. */
import type { Client } from '@etherloom/client';
import type { DevicePatch, IpLink } from '@etherloom/schema';
import { jsonByNode, type OfNode, textByNode } from '../format/by-node.ts';
import { altnamesOf, formatBrief, linkLines } from '../format/ip-link.ts';
import { briefLinkJson, linkJson } from '../format/ip-link-json.ts';
import { toolJson } from '../format/json.ts';
import { paintFor } from '../format/paint.ts';
import { print } from '../output.ts';
import type { LinkCommand, LinkFilter } from '../words/ip-link-words.ts';
import { mistake, wrongArgument } from '../words/mistakes.ts';
import type { ToolOptions } from '../words/tool-options.ts';
import { chosenNodes, oneDevice, refusal, splitDevice } from './lab-devices.ts';

export async function showLinks(client: Client, options: ToolOptions, filter: LinkFilter): Promise<void> {
  const [node, dev] = splitDevice(options.node, filter.dev);
  const shown = await linksOf(client, node, { ...filter, dev });
  if (dev !== null && shown.every(({ items }) => items.length === 0))
    throw mistake(`Device "${dev}" does not exist.`, 1);
  const several = node === null;
  if (options.json) {
    const json = (link: IpLink) => (options.brief ? briefLinkJson(link) : linkJson(link, options));
    return print(toolJson(jsonByNode(shown, several, json), options.pretty));
  }
  const newline = options.oneline ? '\\' : '\n';
  const paint = paintFor(options);
  const text = (link: IpLink) =>
    options.brief ? formatBrief(link, paint) : linkLines(link, { ...options, paint }).join(newline);
  const all = textByNode(shown, several, text);
  if (all !== '') print(all);
}

async function linksOf(client: Client, node: string | null, filter: LinkFilter): Promise<OfNode<IpLink>[]> {
  const nodes = await chosenNodes(client, node);
  const all = await Promise.all(nodes.map((name) => client.listDevices({ params: { node: name } })));
  masterMustExist(all.flat(), filter.master);
  const matches = linkFilter(filter);
  return all.map((links, i) => ({ node: nodes[i]!, items: links.filter(matches) }));
}

export function masterMustExist(links: readonly IpLink[], master: string | null): void {
  if (master !== null && !links.some(({ ifname }) => ifname === master))
    throw wrongArgument(master, 'Device does not exist');
}

/** Which devices the words of "show" leave; a device answers to its other names too. */
export function linkFilter({
  dev,
  up,
  kind,
  group,
  master,
  nomaster,
}: LinkFilter): (link: IpLink) => boolean {
  return (link) =>
    (dev === null || link.ifname === dev || altnamesOf(link).includes(dev)) &&
    (!up || link.flags.includes('UP')) &&
    (kind === null || link.linkinfo?.info_kind === kind) &&
    (group === null || (link.group ?? 'default') === (group === '0' ? 'default' : group)) &&
    (master === null || link.master === master) &&
    (!nomaster || link.master === undefined);
}

export async function setLink(
  client: Client,
  options: ToolOptions,
  written: string,
  patch: DevicePatch,
): Promise<void> {
  const place = await oneDevice(client, options.node, written);
  await client.patchDevice({ params: { ...place }, body: patch }).catch((error: unknown) => {
    throw refusal(error, place);
  });
}

type Property = Extract<LinkCommand, { what: 'property' }>;

/** A name that is there already, or is not there, is refused by the device; no name at all changes nothing. */
export async function setProperty(client: Client, options: ToolOptions, wanted: Property): Promise<void> {
  if (wanted.altnames.length === 0) return;
  await setLink(client, options, wanted.dev, { altnames: { [wanted.verb]: [...wanted.altnames] } });
}
