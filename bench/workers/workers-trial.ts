/**
 * Two busy LANs on a switch of two workers, beside the same on a switch of one. A small machine has no core for every
 * process, so what is compared is the CPU time that a frame takes: the most that processes with a core each could do.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds } from '../process-time.ts';
import { type Account, defineTrial, type Figure, type ProcessCpu } from '../report/trial.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';
import type { TrafficNode } from '../traffic/traffic-process.ts';

interface Parameters {
  readonly seconds: number;
  readonly rounds: number;
  readonly warmUp: number;
  /** Before the first round, each switch for so long: one that moves batches makes few calls and is compiled late. */
  readonly compile: number;
}

const LANS = ['a', 'b'] as const;
type Lan = (typeof LANS)[number];

/** What happened in some seconds: frames by LAN, CPU seconds by process of the switch, the one that listens first. */
interface Span {
  readonly wallSeconds: number;
  readonly frames: Readonly<Record<Lan, number>>;
  readonly cpu: readonly number[];
}

/** The spans of one round, in turn. */
interface Round {
  /** Two workers: LAN a, which lives with the process that listens; LAN b, which lives with the other; both. */
  readonly a: Span;
  readonly b: Span;
  readonly both: Span;
  /** One worker: both LANs. */
  readonly one: Span;
}

const allFrames = ({ frames }: Span): number => frames.a + frames.b;
const ns = (seconds: number, frames: number): number => (seconds * 1e9) / frames;

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
  const [a, b] = await Promise.all(LANS.map((lan) => receiver(lab, lan).report()));
  const cpu = lab.switchProcesses.map(cpuSeconds);
  return { at: performance.now(), frames: { a: a!.received, b: b!.received }, cpu };
}

async function measure(lab: TrafficLab, lans: readonly Lan[], p: Parameters): Promise<Span> {
  const sources = lans.map((lan) => lab.node(`${lan}1`));
  await Promise.all(
    lans.map((lan, i) => sources[i]!.start({ dsts: [receiver(lab, lan).mac], sizes: [64], rate: null })),
  );
  await delay(p.warmUp * 1000);
  const before = await snapshot(lab);
  await delay(p.seconds * 1000);
  const after = await snapshot(lab);
  await Promise.all(sources.map((source) => source.stop()));
  return {
    wallSeconds: (after.at - before.at) / 1000,
    frames: { a: after.frames.a - before.frames.a, b: after.frames.b - before.frames.b },
    cpu: after.cpu.map((seconds, i) => seconds - before.cpu[i]!),
  };
}

/** Frames a second that the processes of the switch could forward, had each a core, against one process. */
function scaling({ both, one }: Round): number {
  const [main = 0, worker = 0] = both.cpu;
  const [single = 0] = one.cpu;
  return (both.frames.a / main + both.frames.b / worker) / (allFrames(one) / single);
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
    figure('2-vs-1-times', 'two busy LANs on two workers, by CPU time, against one worker', 'times', scaling),
    figure('cpu-ns-alone', 'CPU of a worker a frame, the other idle', 'ns', ({ b }) =>
      ns(b.cpu[1]!, b.frames.b),
    ),
    figure('cpu-ns-both', 'CPU of a worker a frame, the other busy', 'ns', ({ both }) =>
      ns(both.cpu[1]!, both.frames.b),
    ),
    figure(
      'listener-cpu-ns',
      "CPU of the process that listens a frame of the other worker's LAN",
      'ns',
      ({ b }) => ns(b.cpu[0]!, b.frames.b),
    ),
    figure('cpu-ns-one', 'CPU a frame of a switch of one worker, both LANs busy', 'ns', ({ one }) =>
      ns(one.cpu[0]!, allFrames(one)),
    ),
    figure(
      '2-vs-1-wall-times',
      'the same two by the clock, on the cores there are',
      'times',
      ({ both, one }) => allFrames(both) / both.wallSeconds / (allFrames(one) / one.wallSeconds),
    ),
  ];
}

function cpuOf(rounds: readonly Round[]): ProcessCpu[] {
  const sum = (span: 'both' | 'one', i: number) =>
    rounds.reduce((n, round) => n + (round[span].cpu[i] ?? 0), 0);
  const wall = (span: 'both' | 'one') => rounds.reduce((n, round) => n + round[span].wallSeconds, 0);
  return [
    {
      process: 'two workers: the one that listens, LAN a',
      seconds: sum('both', 0),
      wallSeconds: wall('both'),
    },
    { process: 'two workers: the other, LAN b', seconds: sum('both', 1), wallSeconds: wall('both') },
    { process: 'one worker', seconds: sum('one', 0), wallSeconds: wall('one') },
  ];
}

async function roundsOf(two: TrafficLab, one: TrafficLab, p: Parameters): Promise<Round[]> {
  for (const lab of [two, one]) await measure(lab, LANS, { ...p, warmUp: p.compile, seconds: 0 });
  const rounds: Round[] = [];
  for (let i = 0; i < p.rounds; i++) {
    const a = await measure(two, ['a'], p);
    const b = await measure(two, ['b'], p);
    const both = await measure(two, LANS, p);
    rounds.push({ a, b, both, one: await measure(one, LANS, p) });
  }
  return rounds;
}

export const workersTrial = defineTrial<Parameters>({
  name: 'workers',
  title: 'Two busy LANs on two workers',
  shows:
    'A switch spreads its LANs over processes: what a frame costs where it lives, whether its neighbour is busy or not, and what it costs the process that listens.',
  full: { seconds: 2.5, rounds: 4, warmUp: 0.7, compile: 4 },
  quick: { seconds: 1.5, rounds: 2, warmUp: 0.7, compile: 3 },
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
      ctx.say(`${scaling(rounds.at(-1)!).toFixed(2)} times by CPU time`);
      return {
        figures: figuresOf(rounds),
        accounts,
        cpu: cpuOf(rounds),
        notes: [
          'By CPU time: frames a CPU-second of each of the two processes, added, against that of the one process. It is what they do where each has a core.',
          'Source and sink of a LAN share a process, so four processes are busy in the span of both LANs.',
        ],
      };
    } finally {
      for (const lab of labs) await lab.close();
    }
  },
});
