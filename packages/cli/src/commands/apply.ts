/** `etherloom apply FILE` and `etherloom diff FILE`: bring a running lab to a file, or say what that would change. */

import process from 'node:process';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { addConnection, connect } from '../connect.ts';
import { converge } from '../converge.ts';
import { formatPlan } from '../format/plan.ts';
import { print, printJson } from '../output.ts';

export function applyCommand(program: Command): void {
  const command = program
    .command('apply')
    .argument('<FILE>', 'lab file, YAML or JSON')
    .description('bring the running lab to a lab file, and wait until it is there');
  addConnection(command)
    .option('-j, --json', 'print the changes as JSON')
    .addOption(new Option('--timeout <SECONDS>', 'how long to wait; 0: do not wait').default('60', '60'))
    .addHelpText('after', '\nExamples:\n  etherloom apply examples/three-hosts.yaml')
    .action((file: string) => apply(command, file));
}

async function apply(command: Command, file: string): Promise<void> {
  const { readLabFile } = await import('../lab-file.ts');
  const connection = connect(command);
  const options = command.opts();
  const timeout = Number(options['timeout']);
  if (!(timeout >= 0)) throw new CliError('--timeout takes a number of seconds', { exitCode: 2 });
  const plan = await connection.client.putLab({ body: readLabFile(file) });
  if (timeout > 0) await converge(connection, timeout);
  if (options['json']) printJson(plan);
  else print(plan.changes.length === 0 ? 'Nothing to change.' : formatPlan(plan));
}

export function diffCommand(program: Command): void {
  const command = program
    .command('diff')
    .argument('<FILE>', 'lab file, YAML or JSON')
    .description('say what applying a lab file would change: + added, - removed, ~ changed');
  addConnection(command)
    .option('-j, --json', 'print the changes as JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 no difference, 1 a difference, 2 an error.\n\nExamples:\n  etherloom diff examples/three-hosts.yaml',
    )
    .action((file: string) => diff(command, file));
}

async function diff(command: Command, file: string): Promise<void> {
  const { readLabFile } = await import('../lab-file.ts');
  const body = readLabFile(file, 2);
  const plan = await connect(command).client.putLab({ query: { dryRun: true }, body });
  if (command.opts()['json']) printJson(plan);
  else if (plan.changes.length > 0) print(formatPlan(plan));
  process.exitCode = plan.changes.length > 0 ? 1 : 0;
}
