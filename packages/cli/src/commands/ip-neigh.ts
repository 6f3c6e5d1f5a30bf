/** `etherloom ip neighbour show`. */
import type { Client } from '@etherloom/client';
import type { IpLink } from '@etherloom/schema';
import { jsonByNode, textByNode } from '../format/by-node.ts';
import { altnamesOf } from '../format/ip-link.ts';
import {
  briefNeighbour,
  briefNeighbourJson,
  formatNeighbour,
  type Neighbour,
  neighbourJson,
} from '../format/ip-neigh.ts';
import { toolJson } from '../format/json.ts';
import { paintFor } from '../format/paint.ts';
import { print } from '../output.ts';
import { prefixMatch } from '../prefix-match.ts';
import type { NeighFilter } from '../words/ip-neigh-words.ts';
import { mistake } from '../words/mistakes.ts';
import type { ToolOptions } from '../words/tool-options.ts';
import { masterMustExist } from './ip-link.ts';
import { chosenNodes, splitDevice } from './lab-devices.ts';

export async function showNeighbours(
  client: Client,
  options: ToolOptions,
  filter: NeighFilter,
): Promise<void> {
  const [node, dev] = splitDevice(options.node, filter.dev);
  const nodes = await chosenNodes(client, node);
  const devices = await meantDevices(client, nodes, { ...filter, dev });
  const matches = neighbourFilter(filter, options);
  const shown = await Promise.all(
    nodes.map(async (name, i) => {
      const neighbours = (await client.listNeighbours({ params: { node: name } })) as Neighbour[];
      return { node: name, items: neighbours.filter((each) => matches(each) && devices[i]!(each)) };
    }),
  );
  const view = { stats: options.stats > 0, ofDevice: dev !== null, paint: paintFor(options) };
  const several = node === null;
  if (options.json) {
    const json = options.brief ? briefNeighbourJson : neighbourJson;
    return print(
      toolJson(
        jsonByNode(shown, several, (each) => json(each, view)),
        options.pretty,
      ),
    );
  }
  const text = options.brief ? briefNeighbour : formatNeighbour;
  const all = textByNode(shown, several, (each) => text(each, view));
  if (all !== '') print(all);
}

type Meant = (each: Neighbour) => boolean;

/** For each node which devices are meant: by any of their names, and below a master; none at all is refused. */
async function meantDevices(client: Client, nodes: readonly string[], { dev, master }: NeighFilter): Promise<Meant[]> {
  if (dev === null && master === null) return nodes.map(() => () => true);
  const all = await Promise.all(nodes.map((node) => client.listDevices({ params: { node } })));
  masterMustExist(all.flat(), master);
  const named = (link: IpLink) => dev === null || link.ifname === dev || altnamesOf(link).includes(dev);
  if (dev !== null && !all.flat().some(named)) throw mistake(`Cannot find device "${dev}"`, 1);
  return all.map((links) => {
    const meant = links.filter((link) => named(link) && (master === null || link.master === master));
    return (each) => meant.some(({ ifname }) => ifname === each.dev);
  });
} // biome-ignore format: a decision a line

/** Without a state asked for, all but NOARP, as iproute2. */
function neighbourFilter(
  { to, nud, unused, proxy }: NeighFilter,
  { family }: ToolOptions,
): (each: Neighbour) => boolean {
  const lies = to === null ? () => true : prefixMatch(to);
  const states = (each: Neighbour) =>
    nud.length === 0 ? !each.state.includes('NOARP') : nud.includes('ALL') || each.state.some((state) => nud.includes(state)); // biome-ignore format: one question
  return (each) =>
    (!unused || each['refcnt'] === undefined) &&
    'proxy' in each === proxy &&
    (family === null || (family === 'inet6') === each.dst.includes(':')) &&
    lies(each.dst) &&
    states(each);
}
