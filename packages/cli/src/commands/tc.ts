/** `etherloom tc qdisc`: iproute2's tc for every device of the lab. */
import type { Client } from '@etherloom/client';
import type { Command } from 'commander';
import { addConnection, connect } from '../connect.ts';
import { jsonByNode, textByNode } from '../format/by-node.ts';
import { altnamesOf } from '../format/ip-link.ts';
import { toolJson } from '../format/json.ts';
import { paintFor } from '../format/paint.ts';
import { formatQdisc, qdiscJson, type ShownQdisc } from '../format/tc-qdisc.ts';
import { print } from '../output.ts';
import { mistake, REFUSED } from '../words/mistakes.ts';
import { readTcCommand, readTcWords, type TcCommand } from '../words/tc-words.ts';
import type { ToolOptions } from '../words/tool-options.ts';
import { runBatch } from './batch.ts';
import { chosenNodes, nodeRefusal, oneDevice, refusal, splitDevice } from './lab-devices.ts';
import { TC_HELP } from './tc-help.ts';
import { toolVersion } from './tool-version.ts';

type Show = Extract<TcCommand, { what: 'show' }>;
type Modify = Extract<TcCommand, { what: 'modify' }>;

export function tcCommand(program: Command): void {
  const command = program
    .command('tc')
    .argument('[WORDS...]', 'as given to tc(8)')
    .description('iproute2\'s "tc qdisc" on any device of a running lab')
    .passThroughOptions()
    .allowUnknownOption()
    .helpOption('--help', 'say what there is');
  addConnection(command)
    .addHelpText('after', TC_HELP)
    .action((words: string[]) => tc(command, words));
}

async function tc(command: Command, words: readonly string[]): Promise<void> {
  const { options, command: wanted } = readTcWords(words);
  if (options.instead === 'version') return print(toolVersion('tc', command));
  if (options.instead === 'help') return command.outputHelp();
  const work = options.batch === null ? run(command, options, wanted) : runBatch(options.batch, options.force, (line) => run(command, options, readTcCommand(line))); // biome-ignore format: one or many
  await work.catch((error: unknown) => {
    throw nodeRefusal(error, options.node);
  });
}

async function run(command: Command, options: ToolOptions, wanted: TcCommand): Promise<void> {
  if (wanted.what === 'help') return command.outputHelp();
  const { client } = connect(command);
  if (wanted.what === 'show') await showQdiscs(client, options, wanted);
  else await modify(client, options, wanted);
}

async function showQdiscs(client: Client, options: ToolOptions, wanted: Show): Promise<void> {
  const [node, dev] = splitDevice(options.node, wanted.dev);
  const nodes = await chosenNodes(client, node);
  const all = await Promise.all(nodes.map((name) => qdiscsOf(client, name, dev)));
  if (dev !== null && all.every((items) => items === null)) throw mistake(`Cannot find device "${dev}"`, 1);
  const found = all.map((items, i) => ({ node: nodes[i]!, items: items ?? [] }));
  const matches = placeFilter(wanted);
  const shown = found.map(({ node: name, items }) => ({ node: name, items: items.filter(matches) }));
  const view = {
    stats: options.stats > 0,
    details: options.details,
    ofDevice: dev !== null,
    paint: paintFor(options),
  };
  const several = node === null;
  if (options.json)
    return print(
      toolJson(
        jsonByNode(shown, several, (each) => qdiscJson(each, view)),
        options.pretty,
      ),
    );
  // Why between qdiscs too: tc has no line break left with -o, as ip has behind each device.
  const newline = options.oneline ? '\\' : '\n';
  const told = (each: ShownQdisc) => formatQdisc(each, view).replaceAll('\n', newline);
  const text = textByNode(shown, several, told, newline);
  if (text !== '') print(text);
}

/** Null where there is no such device, by any of its names. */
async function qdiscsOf(client: Client, node: string, dev: string | null): Promise<ShownQdisc[] | null> {
  const links = await client.listDevices({ params: { node } });
  const chosen = links.filter(
    (link) => dev === null || link.ifname === dev || altnamesOf(link).includes(dev),
  );
  if (dev !== null && chosen.length === 0) return null;
  const each = await Promise.all(
    chosen.map(({ ifname }) => client.getDeviceQdisc({ params: { node, dev: ifname } })),
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

/** A handle and no place names one that is there, and nothing is made. cf. tc_modify_qdisc */
async function changeByHandle(
  client: Client,
  params: Placed,
  { handle, kind, options }: Pick<Modify, 'handle' | 'kind' | 'options'>,
  mode: string,
): Promise<void> {
  const there = (await client.getDeviceQdisc({ params })).find((qdisc) => qdisc.handle === handle);
  if (there === undefined) throw mistake('Error: Specified qdisc not found.', REFUSED);
  if (mode === 'add') throw mistake('Error: Exclusivity flag on, cannot modify.', REFUSED);
  if (kind !== null && kind !== there.kind) throw mistake('Error: Invalid qdisc name: must match existing qdisc.', REFUSED);
  const place = where(there.root ? 'root' : (there.parent ?? null), handle);
  await client.putDeviceQdisc({ params, body: { kind: there.kind, mode: 'change', ...place, options: { ...options } } });
} // biome-ignore format: a decision a line

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
  if (parent === null && handle === null) throw mistake('Error: Handle cannot be zero.', REFUSED);
  if (parent === null) return changeByHandle(client, params, { handle, kind, options }, mode);
  if (kind === null) throw mistake('Error: Specified qdisc kind is unknown.', REFUSED);
  const body = { kind, mode, ...where(parent, handle), options: { ...options } };
  await client.putDeviceQdisc({ params, body });
}

function where(parent: string | null, handle: string | null): { parent?: string; handle?: string } {
  return { ...(parent === null ? {} : { parent }), ...(handle === null ? {} : { handle }) };
}
