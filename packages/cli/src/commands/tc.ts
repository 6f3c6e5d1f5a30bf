/** `etherloom tc qdisc`: iproute2's tc for every device of the lab. */
import type { Client } from '@etherloom/client';
import type { Command } from 'commander';
import { addConnection, connect } from '../connect.ts';
import { jsonByNode, textByNode } from '../format/by-node.ts';
import { toolJson } from '../format/json.ts';
import { formatQdisc, qdiscJson, type ShownQdisc } from '../format/tc-qdisc.ts';
import { print } from '../output.ts';
import { mistake, REFUSED } from '../words/mistakes.ts';
import { readTcWords, type TcCommand } from '../words/tc-words.ts';
import type { ToolOptions } from '../words/tool-options.ts';
import { chosenNodes, oneDevice, refusal, splitDevice } from './lab-devices.ts';
import { TC_HELP } from './tc-help.ts';

type Show = Extract<TcCommand, { what: 'show' }>;
type Modify = Extract<TcCommand, { what: 'modify' }>;

export function tcCommand(program: Command): void {
  const command = program
    .command('tc')
    .argument('[WORDS...]', 'as given to tc(8)')
    .description('iproute2\'s "tc qdisc" on any device of a running lab')
    .passThroughOptions()
    .allowUnknownOption();
  addConnection(command)
    .addHelpText('after', TC_HELP)
    .action((words: string[]) => tc(command, words));
}

async function tc(command: Command, words: readonly string[]): Promise<void> {
  const { options, command: wanted } = readTcWords(words);
  if (wanted.what === 'help') return command.outputHelp();
  const { client } = connect(command);
  if (wanted.what === 'show') await showQdiscs(client, options, wanted);
  else await modify(client, options, wanted);
}

async function showQdiscs(client: Client, options: ToolOptions, wanted: Show): Promise<void> {
  const [node, dev] = splitDevice(options.node, wanted.dev);
  const nodes = await chosenNodes(client, node);
  const found = await Promise.all(
    nodes.map(async (name) => ({ node: name, items: await qdiscsOf(client, name, dev) })),
  );
  if (dev !== null && found.every(({ items }) => items.length === 0))
    throw mistake(`Cannot find device "${dev}"`, 1);
  const matches = placeFilter(wanted);
  const shown = found.map(({ node: name, items }) => ({ node: name, items: items.filter(matches) }));
  const view = { stats: options.stats > 0, details: options.details, ofDevice: dev !== null };
  const several = node === null;
  if (options.json)
    return print(
      toolJson(
        jsonByNode(shown, several, (each) => qdiscJson(each, view)),
        options.pretty,
      ),
    );
  const newline = options.oneline ? '\\' : '\n';
  const all = textByNode(shown, several, (each) => formatQdisc(each, view).replaceAll('\n', newline));
  if (all !== '') print(all);
}

async function qdiscsOf(client: Client, node: string, dev: string | null): Promise<ShownQdisc[]> {
  const names = (await client.listDevices({ params: { node } })).map(({ ifname }) => ifname);
  const chosen = names.filter((name) => dev === null || name === dev);
  const each = await Promise.all(
    chosen.map((name) => client.getDeviceQdisc({ params: { node, dev: name } })),
  );
  return each.flat();
}

function placeFilter({ parent, handle }: Show): (qdisc: ShownQdisc) => boolean {
  return (qdisc) => {
    if (handle !== null) return qdisc.handle === handle;
    if (parent === null) return true;
    return parent === 'root' ? qdisc.root === true : qdisc.parent === parent;
  };
}

async function modify(client: Client, options: ToolOptions, wanted: Modify): Promise<void> {
  if (wanted.dev === null) throw mistake('RTNETLINK answers: No such device', REFUSED);
  const place = await oneDevice(client, options.node, wanted.dev);
  const asked =
    wanted.mode === 'del' ? remove(client, place, wanted) : put(client, place, wanted, wanted.mode);
  await asked.catch((error: unknown) => {
    throw refusal(error, place);
  });
}

type Placed = { readonly node: string; readonly dev: string };

async function remove(client: Client, params: Placed, { parent, handle, kind }: Modify): Promise<void> {
  if (parent === null && handle === null)
    throw mistake('Error: Failed to find qdisc with specified handle.', REFUSED);
  await client.deleteDeviceQdisc({
    params,
    query: { ...where(parent, handle), ...(kind === null ? {} : { kind }) },
  });
}

async function put(
  client: Client,
  params: Placed,
  { parent, handle, kind, options }: Modify,
  mode: 'add' | 'change' | 'replace',
): Promise<void> {
  if (kind === null)
    throw mistake(`Error: ${parent === null && handle === null ? 'Handle cannot be zero' : 'Specified qdisc kind is unknown'}.`, REFUSED); // biome-ignore format: one text
  const body = { kind, mode, ...where(parent, handle), options: { ...options } };
  await client.putDeviceQdisc({ params, body });
}

function where(parent: string | null, handle: string | null): { parent?: string; handle?: string } {
  return { ...(parent === null ? {} : { parent }), ...(handle === null ? {} : { handle }) };
}
