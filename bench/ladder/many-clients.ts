/** A relay of `ws` among many plain clients: the processes, their sums, and how they are asked. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from '../report/trial.ts';
import type { Latency } from '../traffic/counter.ts';
import { LadderChild } from './ladder-child.ts';

export interface Sums {
  readonly at: number;
  readonly sent: number;
  readonly received: number;
  /** CPU seconds of the relay. */
  readonly relay: number;
}

export class ManyClients {
  readonly relay: LadderChild;
  readonly #ends: LadderChild[] = [];
  #url = '';
  #clients = 0;

  /** Clients by process: [1, 999] is one in a process of its own and 999 in another. */
  static async open(kind: 'sort' | 'fan-out', parts: readonly number[]): Promise<ManyClients> {
    const many = new ManyClients(new LadderChild('relay-process.ts', ['--kind', kind]));
    try {
      const { port } = await many.relay.next();
      many.#url = `ws://127.0.0.1:${port}`;
      await many.dial(parts);
    } catch (error) {
      await many.close();
      throw error;
    }
    return many;
  }

  private constructor(relay: LadderChild) {
    this.relay = relay;
  }

  /** More of them, in processes of their own. */
  async dial(parts: readonly number[]): Promise<void> {
    const clients = parts.reduce((sum, n) => sum + n, this.#clients);
    for (const here of parts) {
      const words = { url: this.#url, first: this.#clients + 1, here, clients };
      const args = Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)]);
      const child = new LadderChild('many-ends.ts', args);
      this.#ends.push(child);
      await child.next();
      this.#clients += here;
    }
  }

  async sums(): Promise<Sums> {
    const reports = await this.#order({ do: 'report' });
    const sum = (of: 'sent' | 'received') => reports.reduce((n, report) => n + report[of]!, 0);
    return {
      at: performance.now(),
      sent: sum('sent'),
      received: sum('received'),
      relay: this.relay.cpuSeconds,
    };
  }

  /** Every client sends to every other for so long; what came meanwhile, once it runs. */
  async meshRound(seconds: number, settle = 0.3): Promise<{ before: Sums; after: Sums }> {
    await this.#order({ do: 'start' });
    await delay(settle * 1000);
    const before = await this.sums();
    await delay(seconds * 1000);
    const after = await this.sums();
    await this.#order({ do: 'stop' });
    return { before, after };
  }

  /** The first client of all sends so many frames a second. */
  async pace(rate: number, seconds: number): Promise<void> {
    await this.#ends[1]!.order({ do: 'reset' });
    await this.#ends[0]!.order({ do: 'pace', rate });
    await delay(seconds * 1000);
    await this.#ends[0]!.order({ do: 'stop' });
  }

  /** At the first client of the second process. */
  async latency(): Promise<Latency> {
    return (await this.#ends[1]!.order({ do: 'report' })).latency!;
  }

  /** Once all is at rest: where every frame went that was sent since `before`. */
  async account(what: string, before: Pick<Sums, 'sent' | 'received'>, copies = 1): Promise<Account> {
    const deadline = performance.now() + 8000;
    for (;;) {
      const { sent, received } = await this.sums();
      const account = {
        what,
        expected: (sent - before.sent) * copies,
        received: received - before.received,
        drops: {},
      };
      if (account.expected === account.received || performance.now() > deadline) return account;
      await delay(50);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ends, this.relay].map((child) => child.close()));
  }

  #order(order: Parameters<LadderChild['order']>[0]) {
    return Promise.all(this.#ends.map((end) => end.order(order)));
  }
}
