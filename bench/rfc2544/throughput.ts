/** The no-drop rate of one frame size: short trials search, a longer one verifies. */
import type { Account } from '../report/trial.ts';
import { type PacedOutcome, runPaced } from '../traffic/paced.ts';
import type { TrafficLab } from '../traffic/traffic-lab.ts';
import { lossRatio, type SearchStep, searchRate } from './search.ts';

export interface ThroughputParameters {
  readonly early: number;
  readonly final: number;
  readonly width: number;
}

export interface Throughput {
  readonly size: number;
  /** Frames a second that the counter got from a source without pace: what the search begins with. */
  readonly maximum: number;
  /** Frames a second without loss, verified by the long trial. */
  readonly rate: number;
  readonly steps: readonly SearchStep[];
  readonly accounts: readonly Account[];
}

export async function throughput(
  lab: TrafficLab,
  size: number,
  p: ThroughputParameters,
): Promise<Throughput> {
  const accounts: Account[] = [];
  const offer = async (rate: number | null, seconds: number): Promise<PacedOutcome> => {
    const outcome = await runPaced(lab, { from: 'source', to: 'sink', sizes: [size], rate, seconds });
    accounts.push(outcome.account);
    return outcome;
  };
  await offer(null, 1); // code is compiled late
  const free = await offer(null, p.early);
  const maximum = free.offered / free.wallSeconds;
  const options = { low: 0, high: maximum, width: p.width, repeats: 1, hopeless: 0.05 };
  const { rate, steps } = await searchRate((r) => offer(r, p.early), options);
  return { size, maximum, rate: await verified(rate, p, offer), steps, accounts: merged(accounts, size) };
}

/**
 * Steps down until a long trial loses nothing: by 5 %, and each time by twice as much, since a machine with other work
 * would else spend its time here. 0 when five steps do not help.
 */
async function verified(
  rate: number,
  { final, width }: ThroughputParameters,
  offer: (rate: number, seconds: number) => Promise<PacedOutcome>,
): Promise<number> {
  let candidate = rate;
  let step = Math.max(0.05, width);
  for (let turn = 0; turn < 5 && candidate > 0; turn++) {
    for (let repeat = 0; repeat < 2; repeat++)
      if (lossRatio(await offer(candidate, final)) === 0) return candidate;
    candidate *= 1 - step;
    step = Math.min(0.5, step * 2);
  }
  return 0;
}

/** One line for all trials of a size. */
function merged(accounts: readonly Account[], size: number): Account[] {
  const drops: Record<string, number> = {};
  const sum = { expected: 0, received: 0, held: 0 };
  for (const account of accounts) {
    sum.expected += account.expected;
    sum.received += account.received;
    sum.held += account.held ?? 0;
    for (const [reason, n] of Object.entries(account.drops)) drops[reason] = (drops[reason] ?? 0) + n;
  }
  return [{ what: `${accounts.length} trials of ${size}`, ...sum, drops }];
}
