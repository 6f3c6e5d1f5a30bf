/** `etherloom control`: the REST API and the hub that agents dial. */
import process from 'node:process';
import type { Command } from 'commander';
import { addSettings, settings } from '../setting-options.ts';
import { readTls } from '../tls-files.ts';
import { untilSignal } from '../until-signal.ts';

const EXAMPLES = `
Examples:
  etherloom control --lab examples/three-hosts.yaml
  ETHERLOOM_TOKEN_FILE=token etherloom control --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem`;

export function controlCommand(program: Command): void {
  const command = program.command('control').description('serve the REST API; nodes and the switch dial in');
  addSettings(command, 'control')
    .addHelpText('after', EXAMPLES)
    .action(() => runControl(command));
}

/** Why imported here, as in every command: one that only asks over REST starts without what the roles need. */
async function runControl(command: Command): Promise<void> {
  const { startControl } = await import('@etherloom/control');
  const { readLabFile } = await import('../lab-file.ts');
  const { createLog } = await import('../log.ts');
  const { host, port, lab, state, token, insecure, logLevel, ...tls } = settings('control', command);
  const control = await startControl({
    host,
    port,
    token,
    insecure,
    tls: readTls(tls),
    lab: lab === undefined ? undefined : readLabFile(lab),
    stateFile: state,
    moveWith: '--port',
    log: createLog({ level: logLevel }),
  });
  await untilSignal(() => process.exit(1));
  await control.close();
}
