/** What becomes of a command whose output nobody takes: one that runs a lab takes it down, any other ends. */
import process from 'node:process';

/** A reader that has seen enough (head, less) is no failure, a full disk is one; a log that has no room ends nothing. */
export function endOnBrokenOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') end(0);
    process.stderr.write(`etherloom: cannot write: ${error.message}\n`);
    end(1);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') end(1);
  });
}

/** Why a signal: whoever has something to take down waits for one, from the first moment on. */
function end(code: number): void {
  if (process.listenerCount('SIGTERM') === 0) process.exit(code);
  if (process.exitCode !== undefined) return;
  process.exitCode = code;
  process.emit('SIGTERM');
}

/** An error of what was written last is told a moment later. */
export function outputTold(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
