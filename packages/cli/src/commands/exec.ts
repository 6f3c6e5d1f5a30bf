/** `etherloom exec NODE -- CMD`: runs a program in the network namespace of a native node. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import process from 'node:process';
import type { Command } from 'commander';
import { CliError, messageOf } from '../cli-error.ts';
import { printError } from '../output.ts';

const HELP = `
The program has this terminal; its exit code is passed on. It takes root, as "etherloom up" of such a lab does.
As with "ip netns exec", /sys shows the node's interfaces, and files in /etc/netns/NODE take the place of those in /etc;
where that cannot be it runs without, and says so when ETHERLOOM_LOG_LEVEL is debug.

Examples:
  sudo etherloom exec h1 -- ping -c 3 10.0.0.2
  sudo etherloom exec h1 -- bash`;

export function execCommand(program: Command): void {
  program
    .command('exec')
    .argument('<NODE>', 'a node with stack kernel of a lab that runs natively on this machine')
    .argument('<CMD...>', 'program and arguments, after --')
    .description("run a program in a native node's network namespace")
    .passThroughOptions()
    .addHelpText('after', HELP)
    .action(async (node: string, words: string[]) => {
      // Why here: options end at NODE, so the "--" behind it is taken for a word.
      process.exitCode = await runIn(node, words[0] === '--' ? words.slice(1) : words);
    });
}

async function runIn(node: string, words: readonly string[]): Promise<number> {
  const { inNetns, mountForNetns, netnsPath } = await import('@etherloom/tap');
  const path = netnsPath(node);
  if (!existsSync(path)) {
    const text = `node ${node} has no network namespace on this machine (${path}): only a node with stack kernel has one`;
    throw new CliError(`${text}, while "etherloom up" runs it`);
  }
  // The terminal sends Ctrl-C to both: the program decides what becomes of it.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => {});
  let unmounted: unknown = null;
  const child = inNetns(path, () => {
    try {
      mountForNetns(node);
    } catch (error) {
      unmounted = error;
    }
    return spawn(words[0]!, words.slice(1), { stdio: 'inherit' });
  });
  if (unmounted !== null) noteUnmounted(unmounted);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return exitCode(child, words[0]!);
}

/** The program runs all the same: it has the node's interfaces, and only /sys or /etc are this machine's. */
function noteUnmounted(error: unknown): void {
  const level = process.env['ETHERLOOM_LOG_LEVEL'] ?? 'info';
  if (level === 'debug' || level === 'trace') printError(`etherloom exec: ${messageOf(error)}`);
}

/** As a shell has it: 127 for a program that is not there, 128 + N for one ended by signal N. */
async function exitCode(child: ChildProcess, program: string): Promise<number> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[signal!];
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const text = missing ? `${program}: no such program` : messageOf(error);
    throw new CliError(text, { exitCode: missing ? 127 : 126, cause: error });
  }
}
