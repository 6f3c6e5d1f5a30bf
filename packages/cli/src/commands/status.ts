/** `etherloom status`: nodes, devices, LANs and links of a running lab. */
import type { IpLink, LinkStats, LinkView, NodeView } from '@etherloom/schema';
import type { Command } from 'commander';
import { addConnection, type Connection, connect } from '../connect.ts';
import { formatStatus, type StatusView } from '../format/status.ts';
import { print, printJson } from '../output.ts';
import { Slots } from '../slots.ts';

const EXAMPLES = `
Examples:
  etherloom status
  etherloom status -j | jq '.links[].stats'`;

export function statusCommand(program: Command): void {
  const command = program
    .command('status')
    .description('show nodes, devices, LANs and links of a running lab');
  addConnection(command)
    .option('-j, --json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const view = await gatherStatus(connect(command));
      if (command.opts()['json']) printJson(statusJson(view));
      else print(formatStatus(view));
    });
}

export async function gatherStatus(connection: Connection): Promise<StatusView> {
  const overview = await gatherOverview(connection);
  const { nodes, links } = overview;
  const [devices, stats] = await Promise.all([devicesOf(connection, nodes), statsOf(connection, links)]);
  return { ...overview, devices, stats };
}

/** Without a question for each device and each link. */
export async function gatherOverview({ client, url, waiting: ask }: Connection): Promise<StatusView> {
  const [lab, nodes, lans, links, waiting] = await Promise.all([
    client.getLab(),
    client.listNodes(),
    client.listLans(),
    client.listLinks(),
    ask(),
  ]);
  return { url, lab, nodes, lans, links, waiting, devices: new Map(), stats: new Map() };
}

/** A process that hangs is no reason not to see the others. */
const ANSWER_WITHIN_MS = 2_000;
/** Questions under way at a time: of a thousand at once the last would be late for no fault of its own. */
const AT_A_TIME = 32;

/** A node or switch that does not answer has no row; the rest is still worth showing. */
async function devicesOf({ client }: Connection, nodes: readonly NodeView[]) {
  const out = new Map<string, IpLink[]>();
  const slots = new Slots(AT_A_TIME);
  const asked = nodes.filter((node) => node.connected);
  await Promise.all(
    asked.map(async ({ name: node }) => {
      const ask = () => client.listDevices({ params: { node } }, { timeoutMs: ANSWER_WITHIN_MS });
      const devices = await slots.run(ask).catch(() => null);
      if (devices !== null) out.set(node, devices);
    }),
  );
  return out;
}

async function statsOf({ client }: Connection, links: readonly LinkView[]) {
  const out = new Map<string, LinkStats>();
  const slots = new Slots(AT_A_TIME);
  await Promise.all(
    links.map(async ({ name: link }) => {
      const ask = () => client.getLinkStats({ params: { link } }, { timeoutMs: ANSWER_WITHIN_MS });
      const stats = await slots.run(ask).catch(() => null);
      if (stats !== null) out.set(link, stats);
    }),
  );
  return out;
}

function statusJson({ lab, nodes, devices, lans, links, stats, waiting }: StatusView): object {
  return {
    name: lab.name,
    converged: waiting.length === 0,
    waiting,
    nodes: nodes.map((node) => ({ ...node, devices: devices.get(node.name) ?? [] })),
    lans,
    links: links.map((link) => ({ ...link, stats: stats.get(link.name) ?? null })),
  };
}
