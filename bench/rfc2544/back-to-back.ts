/**
 * Back-to-back frames (RFC 9004): the longest burst, sent as fast as the source can from idle, that loses nothing; and the
 * buffer time that it stands for, corrected by what left meanwhile.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Account, Figure, Grid } from '../report/trial.ts';
import { median } from '../statistics.ts';
import { runPaced } from '../traffic/paced.ts';
import type { TrafficLab } from '../traffic/traffic-lab.ts';
import type { Throughput } from './throughput.ts';

export interface BackToBack {
  readonly figures: readonly Figure[];
  readonly grid: Grid;
}

/** RFC 9004, 6.4: the buffer's time, seconds. */
export function correctedBufferTime(frames: number, maximum: number, throughputRate: number): number {
  return (frames / maximum) * (1 - throughputRate / maximum);
}

/** What is longer than this is no burst: the source is not faster than what drains it. */
const LONGEST = 1 << 22;
const DRAIN_MS = 2000;

async function longestBurst(lab: TrafficLab, size: number, accounts: Account[]): Promise<number> {
  const clean = async (count: number): Promise<boolean> => {
    const outcome = await runPaced(lab, {
      from: 'source',
      to: 'sink',
      sizes: [size],
      rate: null,
      seconds: 10,
      count,
    });
    accounts.push({ ...outcome.account, what: `${size}, burst of ${count}` });
    if (outcome.lost > 0) await delay(DRAIN_MS);
    return outcome.lost === 0;
  };
  let low = 8192;
  while (low < LONGEST && (await clean(low * 2))) low *= 2;
  let high = low * 2;
  while (high - low > high / 32) {
    const middle = (low + high) >> 1;
    if (await clean(middle)) low = middle;
    else high = middle;
  }
  return low;
}

export async function backToBack(
  lab: TrafficLab,
  { size, maximum, rate }: Throughput,
  rounds: number,
  accounts: Account[],
): Promise<BackToBack> {
  const bursts: number[] = [];
  for (let i = 0; i < rounds; i++) {
    await delay(DRAIN_MS);
    bursts.push(await longestBurst(lab, size, accounts));
  }
  const mean = bursts.reduce((a, b) => a + b, 0) / bursts.length;
  const deviation = Math.sqrt(bursts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / bursts.length);
  const time = correctedBufferTime(mean, maximum, Math.min(rate, maximum)) * 1000;
  return {
    figures: [
      {
        id: `back-to-back-frames-${size}`,
        label: `longest burst without loss, ${size}`,
        unit: 'frames',
        samples: bursts,
      },
    ],
    grid: {
      title: `Back-to-back frames of ${size}, from idle`,
      head: ['searches', 'median', 'mean', 'least', 'most', 'deviation', 'corrected buffer time, ms'],
      rows: [
        [
          String(rounds),
          ...[median(bursts), mean, Math.min(...bursts), Math.max(...bursts), deviation].map((n) =>
            n.toFixed(0),
          ),
          time.toFixed(2),
        ],
      ],
    },
  };
}
