/** `--driver FILE`. What it takes is loaded only when it is asked for: other nodes pay nothing. */
import type { NodeDriver } from './driver-run.ts';

export interface OpenDriverOptions {
  /** False: the driver runs unwatched but for the watchdog. */
  readonly checker: boolean;
}

/** Loads a driver file and tries it out. Throws a CodedError that says what is wrong with it, and where. */
export async function openDriver(file: string, { checker }: OpenDriverOptions): Promise<NodeDriver> {
  const { DriverWatchdog } = await import('./driver-watchdog.ts');
  const { loadDriver } = await import('./driver-load.ts');
  const { NodeDriver } = await import('./driver-run.ts');
  const watchdog = new DriverWatchdog();
  const driver = new NodeDriver({ driver: await loadDriver(file, watchdog), watchdog, checker });
  driver.rehearse();
  return driver;
}
