/** Rounds of a flow from one node to another: what the three processes did in each, and the CPU time they took. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessCpu } from '../report/trial.ts';
import type { TrafficLab } from './traffic-lab.ts';

export interface Round {
  readonly wallSeconds: number;
  readonly sent: number;
  readonly received: number;
  readonly messages: number;
  /** CPU seconds. */
  readonly source: number;
  readonly switch: number;
  readonly sink: number;
}

async function snapshot(lab: TrafficLab, from: string, to: string) {
  const [source, sink] = [lab.node(from), lab.node(to)];
  const [sent, got] = await Promise.all([source.report(), sink.report()]);
  return {
    at: performance.now(),
    sent: sent.sent,
    received: got.received,
    messages: got.messages,
    source: source.process.cpuSeconds,
    switch: lab.switchCpuSeconds,
    sink: sink.process.cpuSeconds,
  };
}

/** What happens within so many seconds, while a flow runs. */
export async function measureRound(
  lab: TrafficLab,
  from: string,
  to: string,
  seconds: number,
): Promise<Round> {
  const before = await snapshot(lab, from, to);
  await delay(seconds * 1000);
  const after = await snapshot(lab, from, to);
  return {
    wallSeconds: (after.at - before.at) / 1000,
    sent: after.sent - before.sent,
    received: after.received - before.received,
    messages: after.messages - before.messages,
    source: after.source - before.source,
    switch: after.switch - before.switch,
    sink: after.sink - before.sink,
  };
}

export const mpps = (round: Round): number => round.received / round.wallSeconds / 1e6;

/** CPU nanoseconds a frame: the source's by frame sent, the others' by frame received. */
export function cpuNs(round: Round, process: 'source' | 'switch' | 'sink'): number {
  return (round[process] * 1e9) / (process === 'source' ? round.sent : round.received);
}

export function cpuOf(rounds: readonly Round[], prefix = ''): ProcessCpu[] {
  const sum = (what: 'source' | 'switch' | 'sink' | 'wallSeconds') => rounds.reduce((n, r) => n + r[what], 0);
  return (['source', 'switch', 'sink'] as const).map((process) => ({
    process: prefix + process,
    seconds: sum(process),
    wallSeconds: sum('wallSeconds'),
  }));
}
