/**
 * Places the nodes of a lab in child processes of this one. Nodes with a Linux interface have a process each: it holds
 * their namespace, and moves their frames. The others share: as many a process as was asked for, or with `auto` each
 * its own in a small lab and 50 a process in a large one. Where a node is, it stays.
 */
import { availableParallelism } from 'node:os';
import type { LaunchedNode, NodeLauncher } from '@etherloom/control';
import { Slots } from '../slots.ts';
import { NodeProcess, type ProcessOptions } from './node-process.ts';

/** With `auto`, so many nodes have a process each; a process takes half a second of CPU to start, and 60 MB. */
const AUTO_ALONE = 16;
const AUTO_SHARED = 50;

export interface LauncherOptions extends ProcessOptions {
  readonly nodesPerProcess: number | 'auto';
}

interface Asked {
  readonly node: LaunchedNode;
  readonly started: (when: Promise<void>) => void;
}

export class ChildLauncher implements NodeLauncher {
  readonly #options: LauncherOptions;
  /** By node. */
  readonly #processes = new Map<string, NodeProcess>();
  /** All that may still run: one that is asked to end and hangs is in no map of nodes any more. */
  readonly #hosts = new Set<NodeProcess>();
  /** More than this at a time would only start more slowly, and leave control and switch no time to take them in. */
  readonly #slots = new Slots(availableParallelism() + 1);
  #asked: Asked[] = [];
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

  /** Those asked for in one turn are placed together. */
  async launch(node: LaunchedNode): Promise<void> {
    await this.#opened;
    if (this.#cancelled) return;
    const placed = new Promise<void>((started) => {
      if (this.#asked.length === 0) setImmediate(() => this.#place());
      this.#asked.push({ node, started });
    });
    await placed;
  }

  async stop(name: string): Promise<void> {
    const host = this.#processes.get(name);
    this.#processes.delete(name);
    await host?.remove(name);
    if (host?.names.length === 0) this.#hosts.delete(host);
  }

  async stopAll(): Promise<void> {
    this.cancel();
    this.#processes.clear();
    await Promise.all([...this.#hosts].map((host) => host.stop()));
    this.#hosts.clear();
  }

  /** Without asking: for a second Ctrl-C. */
  async killAll(): Promise<void> {
    this.cancel();
    await Promise.all([...this.#hosts].map((host) => host.kill()));
  }

  #place(): void {
    const asked = this.#asked;
    this.#asked = [];
    if (this.#cancelled) {
      for (const { started } of asked) started(Promise.resolve());
      return;
    }
    for (const one of asked.filter((each) => this.#isAlone(each))) this.#start(1, [one]);
    const rest = asked.filter((one) => !this.#isAlone(one));
    const shared = this.#perProcess(rest.length);
    if (shared > 1) this.#fill(rest);
    while (rest.length > 0) this.#start(shared, rest.splice(0, shared));
  }

  /** A Linux interface has its namespace; a user's driver may take its whole process down. */
  #isAlone({ node }: Asked): boolean {
    return node.stack === 'kernel' || this.#options.drivers.has(node.name);
  }

  #perProcess(more: number): number {
    const { nodesPerProcess } = this.#options;
    if (nodesPerProcess !== 'auto') return nodesPerProcess;
    const running = [...this.#processes.values()].filter((host) => !host.native).length;
    return running + more > AUTO_ALONE ? AUTO_SHARED : 1;
  }

  /** Puts nodes where there is room, taking them off `rest`. */
  #fill(rest: Asked[]): void {
    for (const host of new Set(this.#processes.values())) {
      while (!host.full && rest.length > 0) {
        const { node, started } = rest.shift()!;
        this.#processes.set(node.name, host);
        host.add(node);
        started(Promise.resolve());
      }
    }
  }

  #start(capacity: number, group: readonly Asked[]): void {
    const host = new NodeProcess(capacity, group.map(({ node }) => node), this.#options); // biome-ignore format: one thought
    this.#hosts.add(host);
    for (const { node } of group) this.#processes.set(node.name, host);
    const done = this.#slots.run(() => host.start());
    for (const { started } of group) started(done);
    done.catch(() => this.#forget(host));
  }

  /** Of one that could not be started: its nodes may be asked for again. */
  #forget(host: NodeProcess): void {
    this.#hosts.delete(host);
    for (const [name, placed] of this.#processes) if (placed === host) this.#processes.delete(name);
  }
}
