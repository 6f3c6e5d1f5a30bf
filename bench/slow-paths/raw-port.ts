/** The parent's end of a raw client, and the account of what was sent to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Account } from '../report/trial.ts';
import { macOf } from '../traffic/flow.ts';
import { addDrops, type Drops } from '../traffic/totals.ts';
import type { TrafficLab } from '../traffic/traffic-lab.ts';

const FILE = fileURLToPath(new URL('raw-sink.ts', import.meta.url));

interface PortView {
  readonly endpoint: string;
  readonly counters: { readonly drops: Drops };
}

export class RawSink {
  readonly mac = macOf(0x200);
  readonly #child: ChildProcess;
  #dropsBefore: Drops = {};

  static async connect(lab: TrafficLab): Promise<RawSink> {
    const sink = new RawSink(`${lab.switchUrl}/raw/wire`);
    await once(sink.#child, 'message', { signal: AbortSignal.timeout(60_000) });
    await delay(100); // its first frame tells the switch, and everybody, where it is
    return sink;
  }

  private constructor(url: string) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', FILE, url, this.mac], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  async received(): Promise<number> {
    const reply = once(this.#child, 'message', { signal: AbortSignal.timeout(60_000) });
    this.#child.send({});
    const [{ received }] = await reply;
    return received;
  }

  /** No link ends here, so the drops are those that the LAN shows for the port. */
  async account(
    lab: TrafficLab,
    what: string,
    sums: { expected: number; received: number },
  ): Promise<Account> {
    const { body } = await lab.rest('GET', '/v1/lans/wire/ports');
    const now: Drops = {};
    for (const { endpoint, counters } of body as PortView[])
      if (endpoint.startsWith('raw')) addDrops(now, 'switch', counters.drops);
    const drops = Object.fromEntries(
      Object.entries(now).map(([name, n]) => [name, n - (this.#dropsBefore[name] ?? 0)]),
    );
    this.#dropsBefore = now;
    return { what, ...sums, drops };
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}
