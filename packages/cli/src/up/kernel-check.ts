/** Whether this process may make Linux interfaces, asked before anything is started. */
import { accessSync, constants } from 'node:fs';
import process from 'node:process';
import type { Lab } from '@etherloom/schema';
import { CliError } from '../cli-error.ts';

export function kernelNodes(lab: Lab): string[] {
  return Object.entries(lab.nodes)
    .filter(([, node]) => node.stack === 'kernel')
    .map(([name]) => name);
}

/** Throws, saying what is needed, when the lab has kernel nodes that cannot come up here. */
export function checkKernelNodes(lab: Lab, file: string): void {
  const names = kernelNodes(lab);
  if (names.length === 0) return;
  const who = `${file}: ${names.length === 1 ? `node ${names[0]} has` : `nodes ${names.join(', ')} have`} stack kernel`;
  if (process.getuid?.() !== 0) {
    throw new CliError(`${who}, which takes root: run it with sudo, or with --stack user`);
  }
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch (error) {
    const text = 'which takes /dev/net/tun: load the module ("modprobe tun"), or use --stack user';
    throw new CliError(`${who}, ${text}`, { cause: error });
  }
}
