/** `etherloom ip neighbour show`. */
import type { Client } from '@etherloom/client';
import { CliError } from '../cli-error.ts';
import { jsonByNode, textByNode } from '../format/by-node.ts';
import {
  briefNeighbour,
  briefNeighbourJson,
  formatNeighbour,
  type Neighbour,
  neighbourJson,
} from '../format/ip-neigh.ts';
import { toolJson } from '../format/json.ts';
import { print } from '../output.ts';
import { prefixMatch } from '../prefix-match.ts';
import type { NeighFilter } from '../words/ip-neigh-words.ts';
import type { ToolOptions } from '../words/tool-options.ts';
import { chosenNodes, splitDevice } from './lab-devices.ts';

export async function showNeighbours(
  client: Client,
  options: ToolOptions,
  filter: NeighFilter,
): Promise<void> {
  const [node, dev] = splitDevice(options.node, filter.dev);
  const nodes = await chosenNodes(client, node);
  if (dev !== null) await mustExist(client, nodes, dev);
  const matches = neighbourFilter({ ...filter, dev }, options);
  const shown = await Promise.all(
    nodes.map(async (name) => {
      const neighbours = (await client.listNeighbours({ params: { node: name } })) as Neighbour[];
      return { node: name, items: neighbours.filter(matches) };
    }),
  );
  const view = { stats: options.stats > 0, ofDevice: dev !== null };
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

async function mustExist(client: Client, nodes: readonly string[], dev: string): Promise<void> {
  const all = await Promise.all(nodes.map((node) => client.listDevices({ params: { node } })));
  if (all.flat().some(({ ifname }) => ifname === dev)) return;
  throw new CliError(`Cannot find device "${dev}"`);
}

/** Without a state asked for, all but NOARP, as iproute2. */
function neighbourFilter(
  { dev, to, nud }: NeighFilter,
  { family }: ToolOptions,
): (each: Neighbour) => boolean {
  const lies = to === null ? () => true : prefixMatch(to);
  const states = (each: Neighbour) =>
    nud.length === 0 ? !each.state.includes('NOARP') : nud.includes('ALL') || each.state.some((state) => nud.includes(state)); // biome-ignore format: one question
  return (each) =>
    (dev === null || each.dev === dev) &&
    (family === null || (family === 'inet6') === each.dst.includes(':')) &&
    lies(each.dst) &&
    states(each);
}
