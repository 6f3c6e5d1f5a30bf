/** The sub-commands and their help. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';

type Add = (program: Command) => void;

/** By word and in the order of the help. A command is loaded when it is named: a lab starts one process after another. */
const LAB: Readonly<Record<string, () => Promise<Add>>> = {
  up: async () => (await import('./commands/up.ts')).upCommand,
  down: async () => (await import('./commands/down.ts')).downCommand,
  apply: async () => (await import('./commands/apply.ts')).applyCommand,
  diff: async () => (await import('./commands/apply.ts')).diffCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
};
const TOOLS: typeof LAB = {
  ping: async () => (await import('./commands/ping.ts')).pingCommand,
  trace: async () => (await import('./commands/trace.ts')).traceCommand,
  ip: async () => (await import('./commands/ip.ts')).ipCommand,
  tc: async () => (await import('./commands/tc.ts')).tcCommand,
  ethtool: async () => (await import('./commands/ethtool.ts')).ethtoolCommand,
  exec: async () => (await import('./commands/exec.ts')).execCommand,
  bench: async () => (await import('./commands/bench.ts')).benchCommand,
};
const ROLES: typeof LAB = {
  control: async () => (await import('./commands/control.ts')).controlCommand,
  switch: async () => (await import('./commands/switch.ts')).switchCommand,
  node: async () => (await import('./commands/node.ts')).nodeCommand,
};

const HELP = `
Examples:
  etherloom up examples/three-hosts.yaml     bring a lab up, in this terminal
  etherloom status                           look at it, from another one
  etherloom ping h1 h2
  etherloom ip -n h1 -s link

Every option can be set by the variable named with it. "etherloom COMMAND --help" says more.`;

/** A mistake in the words, in one line as every other failure. */
function mistake(text: string): string {
  const line = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\.$/, '')
    .replaceAll('\n', ' ');
  return `etherloom: ${line}; see "etherloom --help"\n`;
}

/** With the command that `word` names; with all of them where it names none, so that help and mistakes know them. */
export async function createProgram(word = ''): Promise<Command> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('etherloom')
    .description('A virtual LAN emulator over WebSockets.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(mistake(text)) })
    .addHelpText('after', HELP);
  const groups = { 'A lab': LAB, Tools: TOOLS, Roles: ROLES };
  const known = Object.values(groups).some((group) => Object.hasOwn(group, word));
  for (const [title, group] of Object.entries(groups)) {
    program.commandsGroup(title);
    for (const [name, load] of Object.entries(group)) if (!known || name === word) (await load())(program);
  }
  return program;
}
