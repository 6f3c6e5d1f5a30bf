/**
 * Two busy LANs on a switch of two workers, beside the same on a switch of one. A small machine has no core for every
 * process, so nobody is asked how much he can do by the clock: each process of both switches forwards as many frames a
 * second, and the CPU time that it takes for one says how much more two could do with a core each.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds } from '../process-time.ts';
import { type Account, defineTrial, type Figure, type ProcessCpu } from '../report/trial.ts';
import { median } from '../statistics.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';
import type { TrafficNode } from '../traffic/traffic-process.ts';
import { cpuNsOf, type Round, type Span, timesOneWorker } from './scaling.ts';

interface Parameters {
  /** Frames a second that each process of a switch forwards: so few that all keep up on two cores. */
  readonly rate: number;
  readonly seconds: number;
  readonly rounds: number;
  /** Before a span is measured. */
  readonly settle: number;
  /** Before the first round, each switch for so long: one that moves batches makes few calls and is compiled late. */
  readonly compile: number;
}

const LANS = ['a', 'b'] as const;
type Lan = (typeof LANS)[number];

function start(folder: string, workers: number): Promise<TrafficLab> {
  return TrafficLab.start({
    folder,
    workers,
    processes: LANS.map((lan) => [`${lan}1`, `${lan}2`]),
    lanOf: Object.fromEntries(LANS.flatMap((lan) => [`${lan}1`, `${lan}2`].map((node) => [node, lan]))),
  });
}

const receiver = (lab: TrafficLab, lan: Lan): TrafficNode => lab.node(`${lan}2`);

async function snapshot(lab: TrafficLab) {
  const reports = await Promise.all(LANS.map((lan) => receiver(lab, lan).report()));
  return {
    at: performance.now(),
    frames: reports.reduce((sum, { received }) => sum + received, 0),
    cpu: lab.switchProcesses.map(cpuSeconds),
  };
}

/** Both LANs busy. `rate` null: as fast as the devices take frames. */
async function measure(
  lab: TrafficLab,
  rate: number | null,
  { settle, seconds }: Pick<Parameters, 'settle' | 'seconds'>,
): Promise<Span> {
  const sources = LANS.map((lan) => lab.node(`${lan}1`));
  await Promise.all(
    LANS.map((lan, i) => sources[i]!.start({ dsts: [receiver(lab, lan).mac], sizes: [64], rate })),
  );
  await delay(settle * 1000);
  const before = await snapshot(lab);
  await delay(seconds * 1000);
  const after = await snapshot(lab);
  await Promise.all(sources.map((source) => source.stop()));
  return {
    wallSeconds: (after.at - before.at) / 1000,
    frames: after.frames - before.frames,
    cpu: after.cpu.map((seconds, i) => seconds - before.cpu[i]!),
  };
}

/** As many frames a second for each process: a LAN of the one worker is offered half. The first one by turns. */
async function roundsOf(two: TrafficLab, one: TrafficLab, p: Parameters): Promise<Round[]> {
  for (const lab of [two, one]) await measure(lab, null, { settle: p.compile, seconds: 0 });
  const rounds: Round[] = [];
  for (let i = 0; i < p.rounds; i++) {
    const early = i % 2 === 0 ? await measure(two, p.rate, p) : null;
    const ofOne = await measure(one, p.rate / LANS.length, p);
    rounds.push({ two: early ?? (await measure(two, p.rate, p)), one: ofOne });
  }
  return rounds;
}

function figuresOf(rounds: readonly Round[]): Figure[] {
  const figure = (id: string, label: string, unit: string, value: (round: Round) => number): Figure => ({
    id: `workers-${id}`,
    label,
    unit,
    samples: rounds.map(value),
    better: unit === 'ns' ? 'less' : 'more',
  });
  return [
    figure(
      '2-vs-1-times',
      'two busy LANs on two workers, by CPU time, against one worker',
      'times',
      timesOneWorker,
    ),
    figure('cpu-ns-one', 'CPU a frame, one worker', 'ns', ({ one }) => cpuNsOf(one, 0)),
    figure(
      'cpu-ns-listener',
      'CPU a frame of both LANs, two workers: the one that listens',
      'ns',
      ({ two }) => cpuNsOf(two, 0),
    ),
    figure('cpu-ns-other', 'CPU a frame of both LANs, two workers: the other', 'ns', ({ two }) =>
      cpuNsOf(two, 1),
    ),
    figure(
      'frames-ratio',
      'frames received, two workers to one: twice as many are offered',
      'times',
      ({ two, one }) => two.frames / two.wallSeconds / (one.frames / one.wallSeconds),
    ),
  ];
}

function cpuOf(rounds: readonly Round[]): ProcessCpu[] {
  const row = (process: string, which: keyof Round, i: number): ProcessCpu => ({
    process,
    seconds: rounds.reduce((n, round) => n + round[which].cpu[i]!, 0),
    wallSeconds: rounds.reduce((n, round) => n + round[which].wallSeconds, 0),
  });
  return [
    row('two workers: the one that listens', 'two', 0),
    row('two workers: the other', 'two', 1),
    row('one worker', 'one', 0),
  ];
}

export const workersTrial = defineTrial<Parameters>({
  name: 'workers',
  title: 'Two busy LANs on two workers',
  shows:
    'A switch spreads its LANs over processes: how much more two of them forward than one, where each has a core, and what it costs the one that listens.',
  full: { rate: 500_000, seconds: 2.4, rounds: 5, settle: 0.5, compile: 4 },
  quick: { rate: 400_000, seconds: 1.5, rounds: 3, settle: 0.4, compile: 2 },
  run: async (p, ctx) => {
    const labs: TrafficLab[] = [];
    try {
      for (const workers of [2, 1]) labs.push(await start(ctx.folder, workers));
      const [two, one] = labs as [TrafficLab, TrafficLab];
      if (two.switchProcesses.length !== 2)
        throw new Error('the switch of two workers has not two processes');
      const before = [await two.totals(), await one.totals()] as const;
      const rounds = await roundsOf(two, one, p);
      const accounts: Account[] = [
        (await two.account('two workers', before[0])).account,
        (await one.account('one worker', before[1])).account,
      ];
      ctx.say(`${median(rounds.map(timesOneWorker)).toFixed(2)} times one worker, by CPU time`);
      return {
        figures: figuresOf(rounds),
        accounts,
        cpu: cpuOf(rounds),
        notes: [
          'Times one worker = CPU time a frame of the one worker / CPU time a frame of the busier one of the two. Both are divided by the frames of both LANs together: a worker that does half of the work takes half of the time for each of them, so two that share it well have 2. It is how many times as many frames a second the pair can forward as the one, where each process has a core, and what the process that listens does for the other is in it.',
          `Each process is offered ${p.rate} frames a second: two LANs of as many with two workers, two of half as many with one, since what a turn costs is shared by the frames that it brings. Both warmed up at full speed.`,
          'Source and sink of a LAN share a process.',
        ],
      };
    } finally {
      for (const lab of labs) await lab.close();
    }
  },
});
