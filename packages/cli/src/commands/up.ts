/** `etherloom up FILE`: a whole lab from one file, until Ctrl-C. */
import type { Command } from 'commander';
import { addSettings, settings } from '../setting-options.ts';
import { isChecked } from './node.ts';

const HELP = `
Control and switch run in this process, the nodes in child processes: each in one of its own in a lab of up to 16
nodes, else 50 share one, which is many times faster to start; --nodes-per-process says otherwise. If a process ends it
is started again, with all its nodes. Nodes with stack kernel take root: each has a process and a network namespace of
its name. Ctrl-C (or "etherloom down") takes everything away again; if a driver of --driver broke a rule of the checker,
the exit code is 1 then.

Examples:
  etherloom up examples/three-hosts.yaml
  etherloom up thousand-nodes.yaml --nodes-per-process 100
  etherloom up examples/driver-lab.yaml --driver h1=examples/drivers/1-first.ts
  etherloom up lab.yaml --control-port 9080 --switch-port 9081
  sudo etherloom up examples/three-hosts-kernel.yaml`;

export function upCommand(program: Command): void {
  const command = program
    .command('up')
    .argument('<FILE>', 'lab file, YAML or JSON')
    .description('bring a lab up on this machine, and keep it until Ctrl-C');
  addSettings(command, 'up', { logLevel: 'warn' })
    .option('--no-checker', 'run the drivers unchecked (ETHERLOOM_NO_CHECKER)')
    .addHelpText('after', HELP)
    .action(async (file: string) => {
      const given = settings('up', command, { logLevel: 'warn' });
      const { up } = await import('../up/up.ts');
      await up(file, { ...given, checker: isChecked(command) });
    });
}
