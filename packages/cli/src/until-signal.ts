/** Waiting for the end of a long-running command: a signal, or the death of the process that started this one. */
import process from 'node:process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves at the first of them; `again` is called at each one after that. */
export function untilSignal(again: () => void = () => {}): Promise<string> {
  return new Promise((resolve) => {
    let ended = false;
    const end = (why: string) => {
      if (ended) again();
      ended = true;
      resolve(why);
    };
    for (const signal of SIGNALS) process.on(signal, () => end(signal));
    // Why the channel: a parent that is killed cannot tell its children, but the channel closes with it.
    if (process.connected) process.once('disconnect', () => end('parent gone'));
  });
}
