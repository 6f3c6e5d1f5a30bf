/** `etherloom node`: hosts the devices of one node. */
import process from 'node:process';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { addSettings, settings } from '../setting-options.ts';
import { readPem } from '../tls-files.ts';
import { untilSignal } from '../until-signal.ts';

const EXAMPLES = `
Examples:
  etherloom node --name h1
  ETHERLOOM_TOKEN_FILE=token etherloom node --name h4 --control wss://lab.example.org:8080`;

export function nodeCommand(program: Command): void {
  const command = program
    .command('node')
    .description('host the devices of one node; dials control and switch');
  addSettings(command, 'node')
    .option('--netns <NAME>', 'named network namespace for the interfaces of stack kernel (ETHERLOOM_NETNS)')
    .addHelpText('after', EXAMPLES)
    .action(() => runNode(command));
}

async function runNode(command: Command): Promise<void> {
  const { startNode } = await import('@etherloom/node');
  const { createLog } = await import('../log.ts');
  const { name, control, token, tlsCa, switch: switchUrl, stack, logLevel } = settings('node', command);
  const log = createLog({ level: logLevel });
  const node = startNode({
    name,
    stack,
    controlUrl: control,
    token,
    ca: tlsCa === undefined ? undefined : readPem('--tls-ca', tlsCa),
    switchUrl,
    netns: (command.opts()['netns'] as string | undefined) ?? process.env['ETHERLOOM_NETNS'],
    log,
  });
  const end = await Promise.race([node.refused, untilSignal(() => process.exit(1))]);
  node.close();
  if (end instanceof Error) throw new CliError(`node ${name}: ${end.message}`);
  log.info({ why: end }, 'node stops');
}
