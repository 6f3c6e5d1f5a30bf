/**
 * Drivers of users are tried out before anything is started: a bad file is one line, and not a node that ends again and
 * again. Each in a process of its own, since what a driver does when it is loaded it does to its whole process.
 */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Lab } from '@etherloom/schema';
import { CliError } from '../cli-error.ts';

const COMMAND = fileURLToPath(new URL('../../bin/etherloom.js', import.meta.url));

/** The hidden option of `etherloom node` that loads a driver, makes a device, and ends. */
export const TRY_DRIVER = '--try-driver';

export async function checkDrivers(
  lab: Lab,
  drivers: ReadonlyMap<string, string>,
  labFile: string,
): Promise<void> {
  for (const [name, file] of drivers) {
    if (Object.hasOwn(lab.nodes, name)) continue;
    throw new CliError(
      `--driver ${name}=${file}: ${labFile} has no node ${name}; it has ${Object.keys(lab.nodes).join(', ')}`,
    );
  }
  await Promise.all([...new Set(drivers.values())].map(tryDriver));
}

async function tryDriver(file: string): Promise<void> {
  const child = spawn(process.execPath, [COMMAND, 'node', '--name', 'try', '--driver', file, TRY_DRIVER], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = await new Promise<number | string | null>((resolve, reject) => {
    child.on('close', (status, signal) => resolve(signal ?? status));
    child.on('error', reject);
  });
  if (code === 0) return;
  const text = said.trim().replaceAll(/^etherloom: /gm, '');
  throw new CliError(text === '' ? `--driver ${file}: trying it ended with ${code}` : text);
}
