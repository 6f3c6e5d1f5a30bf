/**
 * Several nodes in one process: each with devices, stack, agent and cables of its own, so that they share nothing but
 * the event loop. A node that control refuses leaves the others alone; what ends the process ends them all.
 */
import { heartbeatWheel } from '@etherloom/transport-ws';
import type { RefusedError } from './agent.ts';
import { type NodeOptions, type RunningNode, startNode } from './start-node.ts';

export type NodeGroupOptions = Omit<NodeOptions, 'name' | 'log' | 'wheel'> & {
  /** A log for each node, which names it. */
  readonly logFor: (name: string) => NodeOptions['log'];
  /** Called when control will not take a node in; it has been closed. */
  readonly onrefused: (name: string, error: RefusedError) => void;
};

export class NodeGroup {
  readonly #options: NodeGroupOptions;
  readonly #nodes = new Map<string, RunningNode>();
  readonly #wheel = heartbeatWheel();

  constructor(options: NodeGroupOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Of a node that runs already: nothing. */
  start(name: string): void {
    if (this.#nodes.has(name)) return;
    const { logFor, onrefused, ...shared } = this.#options;
    const node = startNode({ ...shared, name, wheel: this.#wheel, log: logFor(name) });
    this.#nodes.set(name, node);
    void node.refused.then((error) => {
      if (this.#nodes.get(name) !== node) return;
      this.stop(name);
      onrefused(name, error);
    });
  }

  stop(name: string): void {
    this.#nodes.get(name)?.close();
    this.#nodes.delete(name);
  }

  close(): void {
    for (const name of [...this.#nodes.keys()]) this.stop(name);
  }
}
