/** Drivers of users are tried out before anything is started: a bad file is one line, and not a node that ends again and again. */
import type { Lab } from '@etherloom/schema';
import { CliError } from '../cli-error.ts';

export async function checkDrivers(
  lab: Lab,
  drivers: ReadonlyMap<string, string>,
  labFile: string,
): Promise<void> {
  if (drivers.size === 0) return;
  const { openDriver } = await import('@etherloom/node');
  for (const [name, file] of drivers) {
    if (!Object.hasOwn(lab.nodes, name)) {
      throw new CliError(
        `--driver ${name}=${file}: ${labFile} has no node ${name}; it has ${Object.keys(lab.nodes).join(', ')}`,
      );
    }
    await openDriver(file, { checker: true });
  }
}
