/** The parent's end of a process that hosts traffic nodes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { cpuSeconds } from '../process-time.ts';
import type { Latency } from './counter.ts';
import type { Flow } from './flow.ts';
import type { Order, Reply, TrafficReport } from './words.ts';

const FILE = fileURLToPath(new URL('node-process.ts', import.meta.url));
const PATIENCE_MS = 30_000;

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
  readonly timer: NodeJS.Timeout;
}

export class TrafficProcess {
  readonly child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  constructor(names: readonly string[], control: string) {
    const args = ['--control', control, ...names.flatMap((name) => ['--name', name])];
    this.child = spawn(process.execPath, ['--import', 'tsx', FILE, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child.on('message', (reply: Reply) => this.#onReply(reply));
    this.child.on('exit', (code, signal) => this.#onExit(`a traffic process ended: ${code ?? signal}`));
  }

  get cpuSeconds(): number {
    return cpuSeconds(this.child.pid!);
  }

  ask(order: Order): Promise<Reply> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      const late = () => this.#take(id)?.reject(new Error(`${order.node} did not answer to ${order.do}`));
      this.#waiting.set(id, { resolve, reject, timer: setTimeout(late, PATIENCE_MS) });
      this.child.send({ id, order });
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    if (this.child.connected) this.child.disconnect();
    this.child.kill('SIGCONT');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  }

  #onReply(reply: Reply): void {
    const waiting = this.#take(reply.id);
    if (reply.error === undefined) waiting?.resolve(reply);
    else waiting?.reject(new Error(reply.error));
  }

  #onExit(why: string): void {
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(new Error(why));
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }
}

/** One node in such a process. */
export class TrafficNode {
  readonly name: string;
  readonly mac: string;
  readonly process: TrafficProcess;

  constructor(name: string, mac: string, host: TrafficProcess) {
    this.name = name;
    this.mac = mac;
    this.process = host;
  }

  async start(flow: Flow): Promise<void> {
    await this.process.ask({ do: 'start', node: this.name, flow });
  }

  async stop(): Promise<TrafficReport> {
    return (await this.process.ask({ do: 'stop', node: this.name })).report!;
  }

  async report(): Promise<TrafficReport> {
    return (await this.process.ask({ do: 'report', node: this.name })).report!;
  }

  /** Of all nodes of its process. */
  async latency(): Promise<Latency> {
    return (await this.process.ask({ do: 'latency', node: this.name })).latency!;
  }

  async resetLatency(): Promise<void> {
    await this.process.ask({ do: 'reset latency', node: this.name });
  }
}
