/** `etherloom ip link|address|neighbour`: iproute2's ip for every device of the lab. */
import type { Command } from 'commander';
import { addConnection, connect } from '../connect.ts';
import { print } from '../output.ts';
import { type IpCommand, readIpCommand, readIpWords } from '../words/ip-words.ts';
import type { ToolOptions } from '../words/tool-options.ts';
import { runBatch } from './batch.ts';
import { showAddresses } from './ip-addr.ts';
import { setLink, setProperty, showLinks } from './ip-link.ts';
import { showNeighbours } from './ip-neigh.ts';
import { nodeRefusal } from './lab-devices.ts';
import { toolVersion } from './tool-version.ts';

const HELP = `
As ip(8) of iproute2; -n NODE picks the node, as it picks a namespace there. DEV may be written NODE:DEV.
Options: -j (JSON), -p (pretty), -d (details), -s [-s] (statistics), -h (counters for people), -iec (in 1024s),
         -br (brief), -o (one line), -c[=auto|always|never] (colours), -4, -6, -V (version),
         -b FILE (a line of words each, without "ip"; - is stdin), -force (go on behind a line that fails)
  etherloom ip link [show [DEV] [up] [type KIND] [group GROUP] [master DEV | nomaster]]
  etherloom ip link set DEV { up | down | mtu N | address MAC | txqueuelen N | promisc on|off |
                              allmulticast on|off | multicast on|off | arp on|off | carrier on|off |
                              alias TEXT | group N | mode default|dormant } ...
  etherloom ip link property add|del dev DEV altname NAME ...
  etherloom ip address [show [DEV] [up] [type KIND] [group GROUP] [master DEV | nomaster] [scope SCOPE]
                             [to PREFIX] [label PATTERN] [[-]dynamic | [-]permanent | [-]tentative | ...]]
  etherloom ip neighbour [show [dev DEV] [nud STATE] [to PREFIX] [unused]]
Without -n, "show" lists every node's, each under a header. Exit code 2: the kernel refused.

Examples:
  etherloom ip link
  etherloom ip -n h1 -s -s link show eth0
  etherloom ip link set h1:eth0 mtu 1400
  etherloom ip -br addr
  etherloom ip -n h1 neigh show nud reachable
  etherloom ip -j -d -s -s link`;

export function ipCommand(program: Command): void {
  const command = program
    .command('ip')
    .argument('[WORDS...]', 'as given to ip(8)')
    .description('iproute2\'s "ip link", "ip addr" and "ip neigh" on any device of a running lab')
    .passThroughOptions()
    .allowUnknownOption()
    .helpOption('--help', 'say what there is');
  addConnection(command)
    .addHelpText('after', HELP)
    .action((words: string[]) => ip(command, words));
}

async function ip(command: Command, words: readonly string[]): Promise<void> {
  const { options, command: wanted } = readIpWords(words);
  if (options.instead === 'version') return print(toolVersion('ip', command));
  if (options.instead === 'help') return command.outputHelp();
  const work = options.batch === null ? run(command, options, wanted) : runBatch(options.batch, options.force, (line) => run(command, options, readIpCommand(line))); // biome-ignore format: one or many
  await work.catch((error: unknown) => {
    throw nodeRefusal(error, options.node);
  });
}

async function run(command: Command, options: ToolOptions, wanted: IpCommand): Promise<void> {
  const { client } = connect(command);
  switch (wanted.what) {
    case 'help':
      return command.outputHelp();
    case 'show':
      return showLinks(client, options, wanted.filter);
    case 'set':
      return setLink(client, options, wanted.dev, wanted.patch);
    case 'property':
      return setProperty(client, options, wanted);
    case 'addresses':
      return showAddresses(client, options, wanted.filter);
    case 'neighbours':
      return showNeighbours(client, options, wanted.filter);
  }
}
