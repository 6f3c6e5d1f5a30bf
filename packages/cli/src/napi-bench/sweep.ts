/** Offers more and more frames, without and with coalescing, and says what became of them. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli-error.ts';
import { EndHandle } from './end-handle.ts';
import type { Coalescing, Look } from './words.ts';

export interface SweepOptions {
  /** Frames a second. */
  readonly rates: readonly number[];
  /** How long each step is measured. */
  readonly seconds: number;
  /** Bytes of a frame, FCS counted. */
  readonly size: number;
  readonly onstep?: (mode: Coalescing, rate: number) => void;
}

/** One step. The account is of the whole step, at rest; the figures a second are of its measured part. */
export interface Step {
  readonly coalescing: Coalescing;
  /** Frames a second: asked of the generator, and what it offered. */
  readonly rate: number;
  readonly offered: number;
  readonly delivered: number;
  readonly interrupts: number;
  /** CPU-ns of each end for a frame delivered. */
  readonly senderNs: number;
  readonly receiverNs: number;
  readonly account: Account;
}

export interface Account {
  readonly offered: number;
  readonly delivered: number;
  readonly interrupts: number;
  readonly drops: Readonly<Record<string, number>>;
}

const FCS = 4;
const SETTLE_MS = 200;
const REST_WITHIN_MS = 5000;

export async function sweep(options: SweepOptions): Promise<Step[]> {
  const ends = { receiver: new EndHandle('receiver'), sender: new EndHandle('sender') };
  try {
    const token = randomBytes(16).toString('hex');
    const { url } = await ends.receiver.ask({ do: 'listen', token });
    await ends.sender.ask({ do: 'dial', url: url!, token });
    const steps: Step[] = [];
    for (const mode of ['off', 'on'] as const) {
      for (const end of [ends.sender, ends.receiver]) await end.ask({ do: 'coalesce', mode });
      for (const rate of options.rates) {
        options.onstep?.(mode, rate);
        steps.push(await new StepRun(ends, options, mode, rate).run());
      }
    }
    return steps;
  } finally {
    ends.receiver.close();
    ends.sender.close();
  }
}

interface Ends {
  readonly sender: EndHandle;
  readonly receiver: EndHandle;
}

interface Looks {
  readonly sender: Look;
  readonly receiver: Look;
}

class StepRun {
  readonly #ends: Ends;
  readonly #options: SweepOptions;
  readonly #mode: Coalescing;
  readonly #rate: number;

  constructor(ends: Ends, options: SweepOptions, mode: Coalescing, rate: number) {
    this.#ends = ends;
    this.#options = options;
    this.#mode = mode;
    this.#rate = rate;
  }

  async run(): Promise<Step> {
    const { sender } = this.#ends;
    const before = await this.#look();
    await sender.ask({ do: 'start', rate: this.#rate, size: this.#options.size - FCS });
    await sleep(SETTLE_MS);
    const from = await this.#look();
    await sleep(this.#options.seconds * 1000);
    const to = await this.#look();
    await sender.ask({ do: 'stop' });
    return { ...this.#figures(from, to), account: await this.#account(before) };
  }

  async #look(): Promise<Looks> {
    const [sender, receiver] = await Promise.all([this.#ends.sender.look(), this.#ends.receiver.look()]);
    return { sender, receiver };
  }

  #figures(from: Looks, to: Looks): Omit<Step, 'account'> {
    const sent = perSecond(from.sender, to.sender);
    const got = perSecond(from.receiver, to.receiver);
    const frames = Math.max(1, to.receiver.delivered - from.receiver.delivered);
    return {
      coalescing: this.#mode,
      rate: this.#rate,
      offered: sent('offered'),
      delivered: got('delivered'),
      interrupts: got('interrupts'),
      senderNs: ((to.sender.cpu - from.sender.cpu) * 1e6) / frames,
      receiverNs: ((to.receiver.cpu - from.receiver.cpu) * 1e6) / frames,
    };
  }

  /** Waits until every frame has arrived or was dropped; one that did neither is a failure of ours, and said. */
  async #account(before: Looks): Promise<Account> {
    const deadline = performance.now() + REST_WITHIN_MS;
    for (;;) {
      const account = accountOf(before, await this.#look());
      const missing = account.offered - account.delivered - sum(account.drops);
      if (missing === 0) return account;
      if (performance.now() > deadline) {
        throw new CliError(`bench napi: ${missing} of ${account.offered} frames are in no account`);
      }
      await sleep(20);
    }
  }
}

function perSecond(from: Look, to: Look): (what: 'offered' | 'delivered' | 'interrupts') => number {
  return (what) => ((to[what] - from[what]) * 1000) / (to.at - from.at);
}

function accountOf(before: Looks, after: Looks): Account {
  const drops: Record<string, number> = {};
  for (const end of ['sender', 'receiver'] as const) {
    for (const [reason, n] of Object.entries(after[end].drops)) {
      const more = n - (before[end].drops[reason] ?? 0);
      if (more > 0) drops[reason] = (drops[reason] ?? 0) + more;
    }
  }
  return {
    offered: after.sender.offered - before.sender.offered,
    delivered: after.receiver.delivered - before.receiver.delivered,
    interrupts: after.receiver.interrupts - before.receiver.interrupts,
    drops,
  };
}

export function sum(drops: Readonly<Record<string, number>>): number {
  return Object.values(drops).reduce((total, n) => total + n, 0);
}
