/** Sums over all nodes of a lab, and rounds of them. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessCpu } from '../report/trial.ts';
import type { TrafficLab } from './traffic-lab.ts';

export interface EverybodyRound {
  readonly wallSeconds: number;
  readonly received: number;
  /** CPU seconds. */
  readonly switch: number;
  readonly nodes: number;
}

/** Frames so far that came to somebody whom they were not for. */
export async function strangeFrames(lab: TrafficLab): Promise<number> {
  const reports = await Promise.all(lab.nodes.map((node) => node.report()));
  return reports.reduce((sum, { strange }) => sum + strange, 0);
}

async function snapshot(lab: TrafficLab) {
  const reports = await Promise.all(lab.nodes.map((node) => node.report()));
  return {
    at: performance.now(),
    received: reports.reduce((sum, { received }) => sum + received, 0),
    switch: lab.switchCpuSeconds,
    nodes: lab.processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  };
}

export async function everybodyRound(lab: TrafficLab, seconds: number): Promise<EverybodyRound> {
  const before = await snapshot(lab);
  await delay(seconds * 1000);
  const after = await snapshot(lab);
  return {
    wallSeconds: (after.at - before.at) / 1000,
    received: after.received - before.received,
    switch: after.switch - before.switch,
    nodes: after.nodes - before.nodes,
  };
}

export function everybodyCpu(rounds: readonly EverybodyRound[]): ProcessCpu[] {
  const wallSeconds = rounds.reduce((sum, round) => sum + round.wallSeconds, 0);
  return (['switch', 'nodes'] as const).map((process) => ({
    process,
    seconds: rounds.reduce((sum, round) => sum + round[process], 0),
    wallSeconds,
  }));
}
