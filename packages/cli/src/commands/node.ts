/** `etherloom node`: hosts the devices of one node, or of several in one process. */
import process from 'node:process';
import type { NodeGroup, RefusedError } from '@etherloom/node';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { addSettings, settings } from '../setting-options.ts';
import { readPem } from '../tls-files.ts';
import { untilSignal } from '../until-signal.ts';
import type { FromChild, ToChild } from '../up/child-words.ts';
import { TRY_DRIVER } from '../up/driver-check.ts';

const HELP = `
Several nodes in one process start faster and take less memory; each has devices, a stack and connections of its own.
A node that control refuses leaves the others alone; if the process ends, all of them end.
With --driver the devices are made by a driver of your own, and a checker reports what a kernel would punish: in the log
at once, counted in "ethtool -S" as checker_*, and again at the end, when a driver that broke a rule makes the exit code 1.

Examples:
  etherloom node --name h1
  etherloom node --name h1 --name h2
  etherloom node --name h1 --driver examples/drivers/1-first.ts
  ETHERLOOM_TOKEN_FILE=token etherloom node --name h4 --control wss://lab.example.org:8080`;

export function nodeCommand(program: Command): void {
  const command = program
    .command('node')
    .description('host the devices of one node, or of several; dials control and switch');
  addSettings(command, 'node')
    .option('--netns <NAME>', 'named network namespace for the interfaces of stack kernel (ETHERLOOM_NETNS)')
    .option('--no-checker', 'run the driver unchecked (ETHERLOOM_NO_CHECKER)')
    .addOption(new Option(TRY_DRIVER, 'load the driver, make a device, and end').hideHelp())
    .addHelpText('after', HELP)
    .action(() => runNodes(command));
}

async function runNodes(command: Command): Promise<void> {
  const { NodeGroup, openDriver } = await import('@etherloom/node');
  const { createLog } = await import('../log.ts');
  const {
    name: names,
    control,
    token,
    tlsCa,
    switch: switchUrl,
    stack,
    driver: driverFile,
    logLevel,
  } = settings('node', command);
  const netns = (command.opts()['netns'] as string | undefined) ?? process.env['ETHERLOOM_NETNS'];
  if (netns !== undefined && names.length > 1)
    throw new CliError(
      '--netns is the namespace of one node: start each node with one in a process of its own',
    );
  const log = createLog({ level: logLevel });
  let told = Promise.resolve();
  const tell = (word: FromChild) => {
    if (process.connected) told = new Promise((resolve) => process.send!(word, () => resolve()));
  };
  const onBroken = ({ rule }: { readonly rule: string }) => tell({ type: 'broken', rule });
  const checker = isChecked(command);
  const driver = driverFile === undefined ? undefined : await openDriver(driverFile, { checker, onBroken });
  if (command.opts()['tryDriver']) return;
  let allRefused!: (error: CliError) => void;
  const refused = new Promise<CliError>((resolve) => {
    allRefused = resolve;
  });
  const group = new NodeGroup({
    stack,
    controlUrl: control,
    token,
    ca: tlsCa === undefined ? undefined : readPem('--tls-ca', tlsCa),
    switchUrl,
    netns,
    driver,
    logFor: (name) => (names.length > 1 || process.connected ? log.child({ node: name }) : log),
    onrefused: (name: string, { message }: RefusedError) => {
      tell({ type: 'refused', name, reason: message });
      if (group.size === 0) allRefused(new CliError(`node ${name}: ${message}`));
      else if (!process.connected) log.error({ node: name }, `control does not take it in: ${message}`);
    },
  });
  for (const name of names) group.start(name);
  if (process.connected) obey(group, tell);
  const end = await Promise.race([refused, untilSignal(() => process.exit(1))]);
  group.close();
  if (end instanceof Error) throw end;
  log.info({ why: end }, names.length > 1 ? 'nodes stop' : 'node stops');
  await told; // what was found at the end too
  const broken = driver?.summary() ?? [];
  if (broken.length === 0) return;
  const summary = `--driver ${driverFile} broke rules:\n${broken.join('\n')}`;
  if (!process.connected) throw new CliError(summary);
  log.error(summary); // who started this process reads lines of a log
  throw new CliError('', { verbatim: true });
}

/** The option for one run, the variable for all. */
export function isChecked(command: Command): boolean {
  return command.opts()['checker'] !== false && !process.env['ETHERLOOM_NO_CHECKER'];
}

/** Nodes come and go as the process that started this one says. */
function obey(group: NodeGroup, tell: (word: FromChild) => void): void {
  process.on('message', ({ type, name }: ToChild) => {
    if (type === 'start') group.start(name);
    if (type !== 'stop') return;
    group.stop(name);
    tell({ type: 'stopped', name });
  });
  tell({ type: 'ready' });
}
