/** Starts the built `etherloom` command as a process of its own, and knows every process that came of it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const command = `${root}packages/cli/bin/etherloom.js`;

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, for at most `seconds`. */
export async function run(
  file: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; input?: string; seconds?: number; cwd?: string } = {},
): Promise<Finished> {
  const child = spawn(file, args, { cwd: options.cwd ?? root, env: { ...process.env, ...options.env } });
  const timer = setTimeout(() => child.kill('SIGKILL'), (options.seconds ?? 100) * 1000);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return { code, stdout, stderr };
}

/** Runs an `etherloom` command to its end. */
export function etherloom(
  args: readonly string[],
  options: Parameters<typeof run>[2] = {},
): Promise<Finished> {
  return run(process.execPath, [command, ...args], options);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Has the kernel end a program when this process does, however that ends: no lab outlives a run that was killed. */
const tether = spawnSync('setpriv', ['--version']).status === 0 ? ['setpriv', '--pdeathsig', 'TERM'] : [];

/** A long-running program of the test; `tag` is in the environment of every process that descends from it. */
export class Program {
  readonly child: ChildProcess;
  readonly tag = randomUUID();
  output = '';

  constructor(
    file: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    stdin: 'ignore' | 'pipe' = 'ignore',
  ) {
    const [first, ...words] = [...tether, file, ...args];
    this.child = spawn(first!, words, {
      cwd: root,
      env: { ...process.env, ...env, ETHERLOOM_TEST_TAG: this.tag },
      stdio: [stdin, 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (data) => {
      this.output += data;
    });
    this.child.stderr?.on('data', (data) => {
      this.output += data;
    });
  }

  /** The ids of all processes, alive, that carry this program's tag. */
  processes(): number[] {
    const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return ids.filter((id) => hasTag(id, this.tag)).map(Number);
  }

  /** The words that each of those was started with. */
  commandLines(): { pid: number; words: string[] }[] {
    return this.processes().flatMap((pid) => {
      const words = commandLineOf(pid);
      return words.length === 0 ? [] : [{ pid, words }];
    });
  }

  /** Those that host nodes, by the names they were given. */
  nodes(): Map<string, number> {
    const named = this.commandLines().filter(
      ({ words }) => words.includes('node') && words.includes('--name'),
    );
    return new Map(named.map(({ pid, words }) => [words[words.indexOf('--name') + 1]!, pid]));
  }

  /** Sends a signal and waits for the end; every process left over is killed and named in the error. */
  async stop(signal: NodeJS.Signals = 'SIGINT', seconds = 60): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const closed = once(this.child, 'close');
      this.child.kill(signal);
      const timer = setTimeout(() => this.child.kill('SIGKILL'), seconds * 1000);
      await closed;
      clearTimeout(timer);
    }
    await until('no process is left', () => this.processes().length === 0, 20).catch((error: unknown) => {
      for (const id of this.processes()) process.kill(id, 'SIGKILL');
      throw error;
    });
    return this.child.exitCode;
  }
}

/** Empty for one that has gone. */
function commandLineOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function hasTag(id: string, tag: string): boolean {
  try {
    return readFileSync(`/proc/${id}/environ`, 'latin1').includes(`ETHERLOOM_TEST_TAG=${tag}`);
  } catch {
    return false; // gone, or a zombie
  }
}
