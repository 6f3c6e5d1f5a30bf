/**
 * Starts each node as a child process of this one. A child that ends unasked is started again, with backoff; the token
 * goes by environment, never by argument; a child ends by itself when its IPC channel to us closes, so that a killed
 * parent leaves nothing behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LaunchedNode, NodeLauncher } from '@etherloom/control';
import type { Logger } from 'pino';

const FIRST_RESTART_MS = 250;
const MAX_RESTART_MS = 5_000;
const STABLE_MS = 30_000;
/** What a child gets to leave cleanly before it is killed. */
const STOP_WITHIN_MS = 5_000;

const COMMAND = fileURLToPath(new URL('../../bin/etherloom.js', import.meta.url));

export interface LauncherOptions {
  readonly token: string | undefined;
  /** PEM file to trust, where control serves TLS. */
  readonly tlsCa: string | undefined;
  readonly logLevel: string;
  readonly log: Logger;
}

export class ChildLauncher implements NodeLauncher {
  readonly #options: LauncherOptions;
  readonly #children = new Map<string, NodeChild>();
  #cancelled = false;
  #open!: () => void;
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  /** Nodes start from now on, those asked for before included: their switch is there. */
  open(): void {
    this.#open();
  }

  /** No node will ever start. */
  cancel(): void {
    this.#cancelled = true;
    this.#open();
  }

  async launch(node: LaunchedNode): Promise<void> {
    await this.#opened;
    if (this.#cancelled) return;
    const child = new NodeChild(node, this.#options);
    this.#children.set(node.name, child);
    await child.start();
  }

  async stop(name: string): Promise<void> {
    const child = this.#children.get(name);
    if (child === undefined) return;
    this.#children.delete(name);
    await child.stop();
  }

  async stopAll(): Promise<void> {
    this.cancel();
    await Promise.all([...this.#children.keys()].map((name) => this.stop(name)));
  }

  /** Without asking: for a second Ctrl-C. */
  async killAll(): Promise<void> {
    this.cancel();
    await Promise.all([...this.#children.values()].map((child) => child.kill()));
  }
}

class NodeChild {
  readonly #node: LaunchedNode;
  readonly #options: LauncherOptions;
  readonly #log: Logger;
  #process: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #restarts = 0;
  #stopping = false;

  constructor(node: LaunchedNode, options: LauncherOptions) {
    this.#node = node;
    this.#options = options;
    this.#log = options.log.child({ node: node.name });
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [COMMAND, ...this.#args()], {
      // Why detached: Ctrl-C reaches us alone, and we end the children in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: this.#environment(),
    });
    this.#process = child;
    const startedAt = performance.now();
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => relay(this.#log, line));
    }
    child.on('exit', (code, signal) => this.#onExit(code, signal, performance.now() - startedAt));
    await once(child, 'spawn');
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const child = this.#process;
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    this.#stopping = true;
    const child = this.#process;
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  #args(): string[] {
    const { logLevel, tlsCa } = this.#options;
    const { name, stack, controlUrl } = this.#node;
    const args = ['node', '--name', name, '--control', controlUrl.replace(/^http/, 'ws')];
    args.push('--log-level', logLevel);
    if (tlsCa !== undefined) args.push('--tls-ca', tlsCa);
    // A native node's interfaces live in a namespace of the node's name, which its process makes and removes.
    if (stack === 'kernel') args.push('--netns', name);
    return args;
  }

  #environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ETHERLOOM_TOKEN'));
    const { token } = this.#options;
    return { ...Object.fromEntries(inherited), ...(token !== undefined && { ETHERLOOM_TOKEN: token }) };
  }

  #onExit(code: number | null, signal: string | null, lasted: number): void {
    this.#process = null;
    if (this.#stopping) return;
    if (lasted > STABLE_MS) this.#restarts = 0;
    const delay = Math.min(MAX_RESTART_MS, FIRST_RESTART_MS * 2 ** this.#restarts++);
    this.#log.warn(
      { code: code ?? signal },
      `the node's process has ended; starting it again in ${delay} ms`,
    );
    this.#timer = setTimeout(() => void this.start().catch(() => {}), delay);
  }
}

/** A line a child wrote: one of our own log lines goes on under the node's name, at its level. */
export function relay(log: Logger, line: string): void {
  const fields = parseLine(line);
  if (fields === null) {
    log.info(line);
    return;
  }
  const { level, time: _time, msg, ...rest } = fields;
  const name = log.levels.labels[Number(level)];
  if (name === undefined) log.info(line);
  else log[name as 'info'](rest, String(msg));
}

function parseLine(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}
