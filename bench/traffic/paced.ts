/** One paced flow for some time, from rest to rest: what was to be sent, what was, what was dropped, how late it came. */
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../test/support/until.ts';
import type { Account } from '../report/trial.ts';
import type { Latency } from './counter.ts';
import type { Flow } from './flow.ts';
import type { TrafficLab } from './traffic-lab.ts';

export interface PacedOutcome {
  readonly lost: number;
  readonly intended: number;
  readonly offered: number;
  readonly wallSeconds: number;
  readonly account: Account;
  readonly latency: Latency;
}

export interface PacedOptions {
  readonly from: string;
  readonly to: string;
  readonly sizes: readonly number[];
  /** Frames a second; null: as fast as the device takes them. */
  readonly rate: number | null;
  readonly seconds: number;
  readonly count?: number;
  readonly stampEvery?: number;
  /** Seconds that the flow has run before latencies count. */
  readonly settle?: number;
}

export async function runPaced(lab: TrafficLab, options: PacedOptions): Promise<PacedOutcome> {
  const { from, to, sizes, rate, seconds, count, stampEvery = 0, settle = 0 } = options;
  const [source, sink] = [lab.node(from), lab.node(to)];
  const before = await lab.totals();
  const flow: Flow = { dsts: [sink.mac], sizes, rate, stampEvery, ...(count === undefined ? {} : { count }) };
  const start = performance.now();
  await source.start(flow);
  await delay(settle * 1000);
  await sink.resetLatency();
  if (count === undefined) await delay(seconds * 1000);
  else await until('the burst has left', async () => !(await source.report()).flowRunning, seconds);
  const report = await source.stop();
  const wallSeconds = (performance.now() - start) / 1000;
  const what = `${sizes.length > 1 ? 'IMIX' : sizes[0]} at ${rate === null ? 'full speed' : Math.round(rate)}`;
  const { account } = await lab.account(what, before);
  return {
    lost: Object.values(account.drops).reduce((sum, n) => sum + n, 0),
    intended: report.flowIntended,
    offered: report.flowSent,
    wallSeconds,
    account,
    latency: await sink.latency(),
  };
}
