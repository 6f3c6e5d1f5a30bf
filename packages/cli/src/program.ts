/** The sub-commands and their help. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { applyCommand, diffCommand } from './commands/apply.ts';
import { benchCommand } from './commands/bench.ts';
import { controlCommand } from './commands/control.ts';
import { downCommand } from './commands/down.ts';
import { ethtoolCommand } from './commands/ethtool.ts';
import { execCommand } from './commands/exec.ts';
import { ipCommand } from './commands/ip.ts';
import { nodeCommand } from './commands/node.ts';
import { pingCommand } from './commands/ping.ts';
import { statusCommand } from './commands/status.ts';
import { switchCommand } from './commands/switch.ts';
import { tcCommand } from './commands/tc.ts';
import { traceCommand } from './commands/trace.ts';
import { upCommand } from './commands/up.ts';

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

export function createProgram(): Command {
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
  program.commandsGroup('A lab');
  for (const add of [upCommand, downCommand, applyCommand, diffCommand, statusCommand]) add(program);
  program.commandsGroup('Tools');
  for (const add of [
    pingCommand,
    traceCommand,
    ipCommand,
    tcCommand,
    ethtoolCommand,
    execCommand,
    benchCommand,
  ])
    add(program);
  program.commandsGroup('Roles');
  for (const add of [controlCommand, switchCommand, nodeCommand]) add(program);
  return program;
}
