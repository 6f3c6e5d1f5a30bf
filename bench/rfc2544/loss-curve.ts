/** Frame loss rate (RFC 2544, 26.3): from what the source can do down in steps of 10 % until two trials lose nothing. */
import type { Account } from '../report/trial.ts';
import { runPaced } from '../traffic/paced.ts';
import type { TrafficLab } from '../traffic/traffic-lab.ts';
import type { Throughput } from './throughput.ts';

export interface LossPoint {
  /** Of what a source without pace offers. */
  readonly part: number;
  /** Frames a second. */
  readonly offered: number;
  readonly lossPercent: number;
}

export async function lossCurve(
  lab: TrafficLab,
  { size, maximum }: Throughput,
  seconds: number,
  accounts: Account[],
): Promise<LossPoint[]> {
  const points: LossPoint[] = [];
  let lossFree = 0;
  for (let tenth = 10; tenth >= 1 && lossFree < 2; tenth--) {
    const rate = (maximum * tenth) / 10;
    const outcome = await runPaced(lab, { from: 'source', to: 'sink', sizes: [size], rate, seconds });
    accounts.push({ ...outcome.account, what: `${size}, loss at ${tenth * 10} %` });
    const lossPercent = (outcome.lost / outcome.offered) * 100;
    points.push({ part: tenth / 10, offered: outcome.offered / outcome.wallSeconds, lossPercent });
    lossFree = outcome.lost === 0 ? lossFree + 1 : 0;
  }
  return points;
}
