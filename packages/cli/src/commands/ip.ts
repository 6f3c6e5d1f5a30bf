/** `etherloom ip link|address|neighbour`: iproute2's ip for every device of the lab. */
import type { Command } from 'commander';
import { addConnection, connect } from '../connect.ts';
import { readIpWords } from '../words/ip-words.ts';
import { showAddresses } from './ip-addr.ts';
import { setLink, setProperty, showLinks } from './ip-link.ts';
import { showNeighbours } from './ip-neigh.ts';

const HELP = `
As ip(8) of iproute2; -n NODE picks the node, as it picks a namespace there. DEV may be written NODE:DEV.
Options: -j (JSON), -p (pretty), -d (details), -s [-s] (statistics), -br (brief), -o (one line), -4, -6
  etherloom ip link [show [DEV] [up] [type KIND] [group GROUP] [master DEV]]
  etherloom ip link set DEV { up | down | mtu N | address MAC | txqueuelen N | promisc on|off |
                              allmulticast on|off | multicast on|off | arp on|off | carrier on|off |
                              alias TEXT | group N | mode default|dormant } ...
  etherloom ip link property add|del dev DEV altname NAME ...
  etherloom ip address [show [DEV] [up] [scope SCOPE] [to PREFIX]]
  etherloom ip neighbour [show [dev DEV] [nud STATE] [to PREFIX]]
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
    .allowUnknownOption();
  addConnection(command)
    .addHelpText('after', HELP)
    .action((words: string[]) => ip(command, words));
}

async function ip(command: Command, words: readonly string[]): Promise<void> {
  const { options, command: wanted } = readIpWords(words);
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
