/**
 * What stands beside our latency: the same frames at the same pace over a bare `net` relay, three processes as ours, in
 * the same minutes. How late its frames come is the machine's part: whoever stops a process stops both.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LadderChild } from '../ladder/ladder-child.ts';
import { settle } from '../ladder/rung.ts';
import type { Account } from '../report/trial.ts';
import type { Latency } from '../traffic/counter.ts';

const LABEL = 'a bare `net` relay';

export class BareRelay {
  readonly #relay: LadderChild;
  readonly #ends: { readonly source: LadderChild; readonly sink: LadderChild };

  static async open(size: number): Promise<BareRelay> {
    const relay = new LadderChild('relay-process.ts', ['--kind', 'net']);
    const { port } = await relay.next();
    const end = async (role: string) => {
      const child = new LadderChild('paced-end.ts', [
        '--role',
        role,
        '--port',
        `${port}`,
        '--size',
        `${size}`,
      ]);
      await child.next();
      return child;
    };
    return new BareRelay(relay, { source: await end('source'), sink: await end('sink') });
  }

  private constructor(relay: LadderChild, ends: { source: LadderChild; sink: LadderChild }) {
    this.#relay = relay;
    this.#ends = ends;
  }

  /** `settling`: seconds that the flow has run before latencies count. */
  async round(rate: number, seconds: number, settling: number): Promise<Latency> {
    await this.#ends.source.order({ do: 'pace', rate });
    await delay(settling * 1000);
    await this.#ends.sink.order({ do: 'reset' });
    await delay(seconds * 1000);
    await this.#ends.source.order({ do: 'stop' });
    await settle(LABEL, this.#ends);
    return (await this.#ends.sink.order({ do: 'report' })).latency!;
  }

  /** Of all rounds. */
  account(): Promise<Account> {
    return settle(LABEL, this.#ends);
  }

  async close(): Promise<void> {
    await Promise.all([this.#ends.source, this.#ends.sink, this.#relay].map((child) => child.close()));
  }
}
