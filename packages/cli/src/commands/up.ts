/** `etherloom up FILE`: a whole lab from one file, until Ctrl-C. */
import type { Command } from 'commander';
import { addSettings, settings } from '../setting-options.ts';

const HELP = `
Control and switch run in this process, each node in one of its own. Nodes with stack kernel take root: each gets a
network namespace of its name. Ctrl-C (or "etherloom down") takes everything away again.

Examples:
  etherloom up examples/three-hosts.yaml
  etherloom up lab.yaml --control-port 9080 --switch-port 9081
  sudo etherloom up examples/three-hosts-kernel.yaml`;

export function upCommand(program: Command): void {
  const command = program
    .command('up')
    .argument('<FILE>', 'lab file, YAML or JSON')
    .description('bring a lab up on this machine, and keep it until Ctrl-C');
  addSettings(command, 'up', { logLevel: 'warn' })
    .addHelpText('after', HELP)
    .action(async (file: string) => {
      const given = settings('up', command, { logLevel: 'warn' });
      const { up } = await import('../up/up.ts');
      await up(file, given);
    });
}
