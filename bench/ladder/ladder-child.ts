/** A process of the ladder, as its parent sees it: asked over IPC, ended by letting go. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { cpuSeconds } from '../process-time.ts';
import type { EndReply, PacedOrder } from './words.ts';

export class LadderChild {
  readonly #child: ChildProcess;

  /** `script`: its path from this folder. */
  constructor(script: string, args: readonly string[]) {
    const file = fileURLToPath(new URL(script, import.meta.url));
    this.#child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get cpuSeconds(): number {
    return cpuSeconds(this.pid);
  }

  /** What it tells next. */
  async next(seconds = 60): Promise<EndReply> {
    const [reply] = await once(this.#child, 'message', { signal: AbortSignal.timeout(seconds * 1000) });
    return reply as EndReply;
  }

  ask(what: 'start' | 'stop' | 'one' | 'report'): Promise<EndReply> {
    return this.order({ do: what });
  }

  order(what: PacedOrder | { readonly do: string }): Promise<EndReply> {
    const reply = this.next();
    this.#child.send(what);
    return reply;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  }
}
