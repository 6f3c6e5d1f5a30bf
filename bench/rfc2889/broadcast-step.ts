/** One step of a climb: a kept pace for a while, and whether every copy came, soon enough. */
import type { Account, ProcessCpu } from '../report/trial.ts';
import type { Latency } from '../traffic/counter.ts';

export interface Step {
  readonly copiesPerSecond: number;
  readonly latency: Latency;
  readonly clean: boolean;
  readonly account: Account;
  readonly cpu: ProcessCpu;
}

/** Broadcasts so many copies a second for so long, from rest to rest. */
export type Broadcast = (copies: number, seconds: number) => Promise<Step>;

const GOOD_P99_US = 100_000;
/** To ask a thousand receivers in one process for their sums keeps it from taking the last copies. */
export const LAST_COPIES_MS = 300;
/** Seconds of the least pace before the first step: code is compiled late, and a cold receiver is not what is asked for. */
const WARM_UP = 2;
/** How often a step that was not clean is tried: one hiccup must not end the climb. */
const TURNS = 2;

/** `offered`: the source kept its pace. */
export function isClean({ expected, received }: Account, latency: Latency, offered: boolean): boolean {
  return received === expected && offered && latency.count > 0 && latency.p99 <= GOOD_P99_US;
}

/** Faster and faster, until a pace is not clean in any of its turns. */
export async function climb(
  broadcast: Broadcast,
  paces: readonly number[],
  seconds: number,
  warmUp = WARM_UP,
): Promise<Step[]> {
  const steps: Step[] = [];
  await broadcast(paces[0]!, warmUp);
  for (const copies of paces) {
    let last: Step;
    let turn = 0;
    do {
      last = await broadcast(copies, seconds);
      steps.push(last);
    } while (!last.clean && ++turn < TURNS);
    if (!last.clean) break;
  }
  return steps;
}
