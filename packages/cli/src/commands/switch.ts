/** `etherloom switch`: hosts LANs and wires; nodes plug their devices in here. */
import process from 'node:process';
import type { Command } from 'commander';
import { childArguments } from '../heap-growth.ts';
import { addSettings, settings } from '../setting-options.ts';
import { readPem, readTls } from '../tls-files.ts';
import { untilSignal } from '../until-signal.ts';

const EXAMPLES = `
Examples:
  etherloom switch --control ws://127.0.0.1:8080
  ETHERLOOM_TOKEN_FILE=token etherloom switch --host 0.0.0.0 --control wss://lab.example.org:8080 \\
    --advertise wss://lab.example.org:8081 --tls-cert cert.pem --tls-key key.pem`;

export function switchCommand(program: Command): void {
  const command = program.command('switch').description('forward frames between the devices plugged in here');
  addSettings(command, 'switch')
    .addHelpText('after', EXAMPLES)
    .action(() => runSwitch(command));
}

async function runSwitch(command: Command): Promise<void> {
  const { startSwitch } = await import('@etherloom/switch');
  const { createLog } = await import('../log.ts');
  const { control, token, tlsCa, logLevel, tlsCert, tlsKey, ...rest } = settings('switch', command);
  const running = await startSwitch({
    ...rest,
    token,
    controlUrl: control,
    controlToken: token,
    ca: tlsCa === undefined ? undefined : readPem('--tls-ca', tlsCa),
    tls: readTls({ tlsCert, tlsKey }),
    workerArgv: childArguments(),
    moveWith: '--port',
    log: createLog({ level: logLevel }),
  });
  await untilSignal(() => process.exit(1));
  await running.close();
}
