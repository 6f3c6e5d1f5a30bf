/** `etherloom down`: takes a running lab away, and ends the `etherloom up` that serves it when that is on this machine. */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError } from '@etherloom/client';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { addConnection, type Connection, connect } from '../connect.ts';
import { print } from '../output.ts';
import { findRunning, isAlive, type RunningLab } from '../up/runtime-file.ts';

const HELP = `
The lab is removed by DELETE /v1/lab. An "etherloom up" of this user on this machine that serves the same port is ended
as Ctrl-C would; it is found by its note in $XDG_RUNTIME_DIR/etherloom (or the temporary directory).

Examples:
  etherloom down
  etherloom down --control http://127.0.0.1:9080`;

const END_WITHIN_MS = 15_000;

export function downCommand(program: Command): void {
  const command = program.command('down').description('shut a running lab down');
  addConnection(command)
    .addHelpText('after', HELP)
    .action(() => down(connect(command)));
}

async function down(connection: Connection): Promise<void> {
  const running = findLocal(connection.url);
  try {
    const { lab, changes } = await connection.client.deleteLab();
    print(changes.length === 0 ? `Lab ${lab} was empty.` : `Lab ${lab} is gone.`);
  } catch (error) {
    if (running === null || !(error instanceof ClientError) || error.status !== 0) throw error;
  }
  if (running !== null) await end(running);
}

function findLocal(url: string): RunningLab | null {
  const { hostname, port, protocol } = new URL(url);
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return local ? findRunning(Number(port || (protocol === 'https:' ? 443 : 80))) : null;
}

async function end(running: RunningLab): Promise<void> {
  process.kill(running.pid, 'SIGTERM');
  const until = performance.now() + END_WITHIN_MS;
  while (isAlive(running)) {
    if (performance.now() > until) {
      throw new CliError(
        `process ${running.pid} (etherloom up ${running.file}) has not ended: kill -9 ${running.pid}`,
      );
    }
    await sleep(50);
  }
  print(`Process ${running.pid} (etherloom up ${running.file}) has ended.`);
}
