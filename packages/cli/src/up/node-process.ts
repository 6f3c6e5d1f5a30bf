/**
 * A child process that hosts nodes. One that ends unasked is started again with its nodes, with backoff, and so is a
 * node that control refused. The token goes by environment, never by argument; a child ends by itself when its IPC
 * channel to us closes, so that a killed parent leaves nothing behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LaunchedNode } from '@etherloom/control';
import type { Logger } from 'pino';
import type { FromChild, ToChild } from './child-words.ts';
import { Retries } from './retries.ts';

/** What a child gets to leave cleanly before it is killed, and a node to be closed. */
const STOP_WITHIN_MS = 5_000;

const COMMAND = fileURLToPath(new URL('../../bin/etherloom.js', import.meta.url));

export interface ProcessOptions {
  readonly token: string | undefined;
  /** PEM file to trust, where control serves TLS. */
  readonly tlsCa: string | undefined;
  readonly logLevel: string;
  /** Driver files by node. */
  readonly drivers: ReadonlyMap<string, string>;
  /** False: drivers run unchecked. */
  readonly checker: boolean;
  /** Hears of each rule that the driver of a node breaks, and of a process that it takes down. */
  readonly onBroken: (node: string, what: string) => void;
  readonly log: Logger;
}

export class NodeProcess {
  /** How many nodes it takes. */
  readonly capacity: number;
  readonly #options: ProcessOptions;
  readonly #nodes = new Map<string, LaunchedNode>();
  /** Which of them has a driver of the user. */
  readonly #driven: string | undefined;
  readonly #stopped = new Map<string, () => void>();
  readonly #retries = new Map<string, Retries>();
  readonly #restart = new Retries(() => void this.start().catch(() => {}));
  #process: ChildProcess | null = null;
  #ready: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(capacity: number, nodes: readonly LaunchedNode[], options: ProcessOptions) {
    this.capacity = capacity;
    this.#options = options;
    for (const node of nodes) this.#nodes.set(node.name, node);
    this.#driven = this.names.find((name) => options.drivers.has(name));
  }

  get names(): string[] {
    return [...this.#nodes.keys()];
  }

  get full(): boolean {
    return this.#stopping || this.#nodes.size >= this.capacity;
  }

  /** Its node has a Linux interface. */
  get native(): boolean {
    return [...this.#nodes.values()].some(({ stack }) => stack === 'kernel');
  }

  /** Resolves when its nodes dial, or when it has ended instead; rejects when it cannot be started at all. */
  async start(): Promise<void> {
    if (this.#stopping) return;
    const child = spawn(process.execPath, [COMMAND, ...this.#args()], {
      // Why detached: Ctrl-C reaches us alone, and we end the children in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: this.#environment(),
    });
    this.#process = child;
    const startedAt = performance.now();
    const log = this.#log();
    createInterface({ input: child.stdout! }).on('line', (line) => relay(log, line));
    // Why a warning: what it says there as no line of a log are its last words, and nobody else will say why it ended.
    createInterface({ input: child.stderr! }).on('line', (line) => relay(log, line, 'warn'));
    child.on('message', (word) => this.#heard(word as FromChild));
    child.on('exit', (code, signal) => this.#onExit(code, signal, performance.now() - startedAt));
    this.#ready = new Promise((resolve) => {
      for (const event of ['message', 'exit', 'error']) child.once(event, () => resolve());
    });
    try {
      await once(child, 'spawn');
    } catch (error) {
      this.#process = null;
      throw error;
    }
    await this.#ready;
  }

  /** One more, in a process that runs. */
  add(node: LaunchedNode): void {
    this.#nodes.set(node.name, node);
    // A child that starts meanwhile may have it in its arguments already; a second word about it is nothing.
    void this.#ready.then(() => this.#tell({ type: 'start', name: node.name }));
  }

  /** Closes a node and leaves the others; the last one takes the process with it. */
  async remove(name: string): Promise<void> {
    this.#nodes.delete(name);
    this.#retries.get(name)?.cancel();
    this.#retries.delete(name);
    if (this.#nodes.size === 0) return this.stop();
    await this.#ready;
    if (this.#process === null) return;
    const closed = new Promise<void>((resolve) => this.#stopped.set(name, resolve));
    this.#tell({ type: 'stop', name });
    const timer = setTimeout(() => this.#process?.kill('SIGKILL'), STOP_WITHIN_MS);
    await closed;
    clearTimeout(timer);
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#stopping = true;
    this.#restart.cancel();
    for (const retries of this.#retries.values()) retries.cancel();
    const child = this.#process;
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  }

  #tell(word: ToChild): void {
    if (this.#process?.connected) this.#process.send(word, () => {}); // one that ends is started again, with all it has
  }

  #heard(word: FromChild): void {
    if (word.type === 'stopped') this.#settle(word.name);
    else if (word.type === 'refused') this.#refused(word.name, word.reason);
    else if (word.type === 'broken') this.#broken(word.rule);
  }

  #refused(name: string, reason: string): void {
    if (this.#stopping || !this.#nodes.has(name)) return;
    const retries = this.#retries.get(name) ?? new Retries(() => this.#tell({ type: 'start', name }));
    this.#retries.set(name, retries);
    const delay = retries.later();
    this.#options.log.warn(
      { node: name },
      `control does not take it in: ${reason}; starting it again in ${delay} ms`,
    );
  }

  /** A node with a driver has its process to itself. */
  #broken(what: string): void {
    if (this.#driven !== undefined) this.#options.onBroken(this.#driven, what);
  }

  #settle(name: string): void {
    this.#stopped.get(name)?.();
    this.#stopped.delete(name);
  }

  #onExit(code: number | null, signal: string | null, lasted: number): void {
    this.#process = null;
    for (const name of [...this.#stopped.keys()]) this.#settle(name);
    if (this.#stopping) return;
    this.#broken(`its process ended (${signal ?? code})`);
    const delay = this.#restart.later(lasted);
    const whose = this.#nodes.size === 1 ? "the node's process" : `the process of ${this.#nodes.size} nodes`;
    this.#log().warn({ code: code ?? signal }, `${whose} has ended; starting it again in ${delay} ms`);
  }

  /** `h1`, or `h1 and 49 more`: a line that says by itself whose it is keeps its own name. */
  #log(): Logger {
    const [first, ...more] = this.names;
    const node = more.length === 0 ? first : `${first} and ${more.length} more`;
    return this.#options.log.child({ node });
  }

  #args(): string[] {
    const { logLevel, tlsCa } = this.#options;
    const [{ name, stack, controlUrl }] = [...this.#nodes.values()] as [LaunchedNode];
    const args = ['node', ...this.names.flatMap((each) => ['--name', each])];
    args.push('--control', controlUrl.replace(/^http/, 'ws'), '--log-level', logLevel);
    if (tlsCa !== undefined) args.push('--tls-ca', tlsCa);
    // A native node's interfaces live in a namespace of the node's name, which its process makes and removes.
    if (stack === 'kernel') args.push('--netns', name);
    const driver = this.#options.drivers.get(name);
    if (driver !== undefined) args.push('--driver', driver);
    if (driver !== undefined && !this.#options.checker) args.push('--no-checker');
    return args;
  }

  #environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ETHERLOOM_TOKEN'));
    const { token } = this.#options;
    return { ...Object.fromEntries(inherited), ...(token !== undefined && { ETHERLOOM_TOKEN: token }) };
  }
}

/** A line a child wrote: one of our own log lines goes on under the node's name, at its level. */
export function relay(log: Logger, line: string, plain: 'info' | 'warn' = 'info'): void {
  const fields = parseLine(line);
  if (fields === null) {
    log[plain](line);
    return;
  }
  const { level, time: _time, msg, ...rest } = fields;
  const name = log.levels.labels[Number(level)];
  if (name === undefined) log[plain](line);
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
