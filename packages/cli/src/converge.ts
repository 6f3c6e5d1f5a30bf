/** Waits until the lab is as it should be, and shows what it still waits for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from './cli-error.ts';
import type { Connection } from './connect.ts';
import { Progress } from './output.ts';

const LOOK_EVERY_MS = 100;

export async function converge(
  connection: Connection,
  timeoutSeconds: number,
  progress: Progress = new Progress(),
): Promise<void> {
  const until = performance.now() + timeoutSeconds * 1000;
  try {
    for (;;) {
      const waiting = await connection.waiting();
      if (waiting.length === 0) return;
      progress.show(progressText(waiting));
      if (performance.now() > until) throw new CliError(timeoutText(waiting, timeoutSeconds));
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    progress.clear();
  }
}

/** The first thing that is missing, and how many more. */
export function progressText(waiting: readonly string[]): string {
  const more = waiting.length > 1 ? ` (and ${waiting.length - 1} more)` : '';
  return `Waiting: ${waiting[0]}${more}`;
}

function timeoutText(waiting: readonly string[], seconds: number): string {
  return `the lab has not converged within ${seconds} s: ${waiting.join('; ')}`;
}
