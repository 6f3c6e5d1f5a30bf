/** `etherloom ip link`: iproute2's `ip link` for every device of the lab. */
import { ClientError } from '@etherloom/client';
import type { IpLink } from '@etherloom/schema';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { addConnection, type Connection, callFailure, connect } from '../connect.ts';
import { formatBrief, formatLink, linkJson } from '../format/ip-link.ts';
import { type IpCommand, type IpOptions, readIpWords } from '../ip-words.ts';
import { print } from '../output.ts';

const HELP = `
As ip(8) of iproute2; -n NODE picks the node, as it picks a namespace there. DEV may be written NODE:DEV.
  etherloom ip [-j [-p]] [-d] [-s [-s]] [-br] [-n NODE] link [show [DEV] [up] [type KIND]]
  etherloom ip [-n NODE] link set DEV { up | down | mtu N | address MAC | txqueuelen N |
                                        promisc on|off | carrier on|off | alias TEXT } ...
Without -n, "link show" lists every node's devices, each under a header.

Examples:
  etherloom ip link
  etherloom ip -n h1 -s -s link show eth0
  etherloom ip -n h1 link set eth0 mtu 1400
  etherloom ip -j -d -s -s link`;

/** What iproute2 ends with when the kernel refuses. */
const REFUSED = 2;

export function ipCommand(program: Command): void {
  const command = program
    .command('ip')
    .argument('[WORDS...]', 'as given to ip(8)')
    .description('iproute2\'s "ip link" on any device of a running lab')
    .passThroughOptions()
    .allowUnknownOption();
  addConnection(command)
    .addHelpText('after', HELP)
    .action((words: string[]) => ip(command, words));
}

async function ip(command: Command, words: readonly string[]): Promise<void> {
  const { options, command: wanted } = readIpWords(words);
  if (wanted.what === 'help') return command.outputHelp();
  const connection = connect(command);
  if (wanted.what === 'set') await setLink(connection, options, wanted);
  else await showLinks(connection, options, wanted);
}

type Shown = readonly [node: string, links: readonly IpLink[]];

async function showLinks(connection: Connection, options: IpOptions, wanted: Show): Promise<void> {
  const [node, dev] = splitDevice(options.node, wanted.dev);
  const shown = (await gather(connection, node)).map(
    ([name, links]): Shown => [name, links.filter(matches(wanted, dev))],
  );
  if (dev !== null && shown.every(([, links]) => links.length === 0)) {
    throw new CliError(`Device "${dev}" does not exist.`);
  }
  if (options.json) return printLinksJson(shown, options, node === null);
  const parts = shown.filter(([, links]) => links.length > 0).map(([name, links]) => {
    const text = links.map((link) => (options.brief ? formatBrief(link) : formatLink(link, options))).join('\n');
    return node === null ? `node: ${name}\n${text}` : text;
  }); // biome-ignore format: one chain
  if (parts.length > 0) print(parts.join('\n\n'));
}

type Show = Extract<IpCommand, { what: 'show' }>;

function matches({ up, kind }: Show, dev: string | null): (link: IpLink) => boolean {
  return (link) =>
    (dev === null || link.ifname === dev) &&
    (!up || link.flags.includes('UP')) &&
    (kind === null || link.linkinfo?.info_kind === kind);
}

/** One node's array is exactly that of iproute2; of several, each device says whose it is. */
function printLinksJson(shown: readonly Shown[], options: IpOptions, several: boolean): void {
  const links = shown.flatMap(([node, each]) =>
    each.map((link) => (several ? { node, ...linkJson(link, options) } : linkJson(link, options))),
  );
  print(JSON.stringify(links, null, options.pretty ? 4 : 0));
}

/** `h1:eth0` names node and device at once. */
function splitDevice(node: string | null, dev: string | null): [node: string | null, dev: string | null] {
  const [owner, name] = dev?.split(':', 2) ?? [];
  if (owner === undefined || name === undefined) return [node, dev];
  if (node !== null && node !== owner) throw new CliError(`-n ${node} and ${dev} name two nodes`);
  return [owner, name];
}

async function gather({ client }: Connection, node: string | null): Promise<Shown[]> {
  if (node !== null) return [[node, await client.listDevices({ params: { node } })]];
  const nodes = (await client.listNodes()).filter(({ connected }) => connected);
  return Promise.all(
    nodes.map(
      async ({ name }): Promise<Shown> => [name, await client.listDevices({ params: { node: name } })],
    ),
  );
}

async function setLink(
  connection: Connection,
  options: IpOptions,
  wanted: Extract<IpCommand, { what: 'set' }>,
) {
  const [given, dev] = splitDevice(options.node, wanted.dev);
  const node = given ?? (await ownerOf(connection, dev!));
  try {
    await connection.client.patchDevice({ params: { node, dev: dev! }, body: wanted.patch });
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (error.code === 'ENODEV') throw new CliError(`Cannot find device "${dev}"`, { cause: error });
    const asked = Object.entries(wanted.patch).map(patchWord);
    const { message } = callFailure(error, REFUSED);
    throw new CliError(`${node}:${dev} ${asked.join(' ')}: ${message}`, { exitCode: REFUSED, cause: error });
  }
}

/** A setting as it is written behind `ip link set DEV`. */
function patchWord([key, value]: [key: string, value: unknown]): string {
  if (key === 'up') return value === true ? 'up' : 'down';
  return `${key} ${typeof value === 'boolean' ? (value ? 'on' : 'off') : value}`;
}

/** The one node that has such a device; where several have, which one is meant must be said. */
async function ownerOf({ client }: Connection, dev: string): Promise<string> {
  const owners = (await client.listNodes()).filter(({ devices }) => devices.includes(dev));
  const [owner] = owners;
  if (owner === undefined) throw new CliError(`Cannot find device "${dev}"`);
  if (owners.length === 1) return owner.name;
  const names = owners.map(({ name }) => name).join(', ');
  throw new CliError(
    `"${dev}" is on ${names}: pick one with -n NODE, as in "etherloom ip -n ${owner.name} link set ${dev} ..."`,
  );
}
