/** `--driver FILE`. What it takes is loaded only when it is asked for: other nodes pay nothing. */
import type { DriverReport } from '@etherloom/driver-lab';
import type { NodeDriver } from './driver-run.ts';

export interface OpenDriverOptions {
  /** False: the driver runs unwatched but for the watchdog. */
  readonly checker: boolean;
  /** Hears of each rule and place that the driver breaks, once. */
  readonly onBroken?: (report: DriverReport) => void;
}

/** Loads a driver file and tries it out. Throws a CodedError that says what is wrong with it, and where. */
export async function openDriver(
  file: string,
  { checker, onBroken }: OpenDriverOptions,
): Promise<NodeDriver> {
  const { DriverWatchdog } = await import('./driver-watchdog.ts');
  const { loadDriver } = await import('./driver-load.ts');
  const { NodeDriver } = await import('./driver-run.ts');
  const watchdog = new DriverWatchdog();
  const loaded = await loadDriver(file, watchdog);
  const driver = new NodeDriver({ driver: loaded, watchdog, checker, onBroken });
  driver.rehearse();
  return driver;
}
