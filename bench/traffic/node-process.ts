/**
 * Nodes of a bench, in a process of their own: they send flows and count what arrives. Told by its parent over IPC
 * (words.ts); ends when the parent lets go.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { dropsByReason, type NetDevice } from '@etherloom/netcore';
import { type RunningNode, startNode } from '@etherloom/node';
import { pino } from 'pino';
import { Counter, LatencyRecord } from './counter.ts';
import { Generator } from './generator.ts';
import type { Order, Question, Reply, TrafficReport } from './words.ts';

const { values } = parseArgs({
  options: { name: { type: 'string', multiple: true }, control: { type: 'string' } },
});
const log = pino({ level: 'error' }, pino.destination(2));
const latency = new LatencyRecord();

class TrafficNode {
  readonly #node: RunningNode;
  readonly #counter: Counter;
  #generator: Generator | null = null;
  /** By flows that are over. */
  #sent = 0;

  constructor(name: string) {
    this.#node = startNode({ name, stack: 'none', controlUrl: values.control!, log });
    this.#counter = new Counter(this.#node.net, latency);
  }

  obey(order: Order): Omit<Reply, 'id'> {
    switch (order.do) {
      case 'start':
        this.#retire();
        this.#generator = new Generator(this.#device(), order.flow);
        this.#generator.start();
        return {};
      case 'stop':
        this.#generator?.stop();
        return { report: this.#report() };
      case 'report':
        return { report: this.#report() };
      case 'latency':
        return { latency: latency.read() };
      case 'reset latency':
        latency.reset();
        return {};
    }
  }

  close(): void {
    this.#node.close();
  }

  #retire(): void {
    this.#generator?.stop();
    this.#sent += this.#generator?.sent ?? 0;
    this.#generator = null;
  }

  #device(): NetDevice {
    const dev = this.#node.net.devGetByName('eth0');
    if (dev === undefined) throw new Error('eth0 is not there yet');
    return dev;
  }

  #report(): TrafficReport {
    const dev = this.#device();
    const flow = this.#generator;
    return {
      sent: this.#sent + (flow?.sent ?? 0),
      flowIntended: flow?.intended ?? 0,
      flowSent: flow?.sent ?? 0,
      flowRunning: flow?.running ?? false,
      flowSeconds: flow?.seconds ?? 0,
      stalls: flow?.stalls ?? 0,
      received: this.#counter.received,
      strange: this.#counter.strange,
      sources: this.#counter.sources(),
      drops: dropsByReason(dev.drops),
      held: this.#node.net.pool.inUse + counter(dev, 'rx_ring_pending'),
      messages: counter(dev, 'tx_messages') + counter(dev, 'rx_messages'),
    };
  }
}

function counter(dev: NetDevice, name: string): number {
  const at = dev.ethtoolOps.getStrings!(dev).indexOf(name);
  return dev.ethtoolOps.getEthtoolStats!(dev)[at]!;
}

const nodes = new Map((values.name ?? []).map((name) => [name, new TrafficNode(name)]));

process.on('message', ({ id, order }: Question) => {
  let reply: Reply;
  try {
    reply = { id, ...nodes.get(order.node)!.obey(order) };
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.message : String(error) };
  }
  process.send?.(reply);
});
process.on('disconnect', () => {
  for (const node of nodes.values()) node.close();
  process.exit(0);
});
