/** Frames a second, and what each process pays for one, from generator through wslink, switch and wslink to counter. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Account,
  defineTrial,
  type Figure,
  type Grid,
  type Plot,
  type ProcessCpu,
} from '../report/trial.ts';
import { median, spread } from '../statistics.ts';
import { IMIX } from '../traffic/flow.ts';
import { cpuNs, cpuOf, measureRound, mpps, type Round } from '../traffic/rounds.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';

interface Parameters {
  readonly sizes: readonly (number | 'IMIX')[];
  readonly seconds: number;
  readonly rounds: number;
  /** A switch that moves batches makes few calls and is compiled late. */
  readonly warmUp: number;
}

interface Size {
  readonly size: number | 'IMIX';
  readonly rounds: readonly Round[];
  readonly account: Account;
}

async function measureSize(
  lab: TrafficLab,
  size: number | 'IMIX',
  p: Parameters,
  warmUp: number,
): Promise<Size> {
  const before = await lab.totals();
  const source = lab.node('source');
  const sizes = size === 'IMIX' ? IMIX : [size];
  await source.start({ dsts: [lab.node('sink').mac], sizes, rate: null });
  await delay(warmUp * 1000);
  const rounds: Round[] = [];
  for (let i = 0; i < p.rounds; i++) rounds.push(await measureRound(lab, 'source', 'sink', p.seconds));
  await source.stop();
  const { account } = await lab.account(`frames of ${size}`, before);
  return { size, rounds, account };
}

function figuresOf({ size, rounds }: Size): Figure[] {
  const of = (id: string, label: string, unit: string, value: (round: Round) => number): Figure => ({
    id: `${id}-${String(size).toLowerCase()}`,
    label: `${label}, frames of ${size}`,
    unit,
    samples: rounds.map(value),
    better: unit === 'ns' ? 'less' : 'more',
  });
  return [
    of('frames-mpps', 'frames a second', 'Mpps', mpps),
    of('switch-cpu-ns', 'CPU of the switch a frame', 'ns', (round) => cpuNs(round, 'switch')),
    of('source-cpu-ns', 'CPU of the source a frame sent', 'ns', (round) => cpuNs(round, 'source')),
    of('sink-cpu-ns', 'CPU of the sink a frame', 'ns', (round) => cpuNs(round, 'sink')),
  ];
}

function gridOf(sizes: readonly Size[]): Grid {
  return {
    title: 'By size, median (least to most)',
    head: ['size', 'Mpps', 'Gbit/s', 'switch ns', 'source ns', 'sink ns', 'frames a message'],
    rows: sizes.map(({ size, rounds }) => {
      const mean = size === 'IMIX' ? IMIX.reduce((a, b) => a + b, 0) / IMIX.length : size;
      const each = (value: (round: Round) => number, digits: number) => spread(rounds.map(value), digits);
      return [
        String(size),
        each(mpps, 2),
        each((round) => (mpps(round) * mean * 8) / 1000, 2),
        each((round) => cpuNs(round, 'switch'), 0),
        each((round) => cpuNs(round, 'source'), 0),
        each((round) => cpuNs(round, 'sink'), 0),
        each((round) => round.received / Math.max(1, round.messages), 0),
      ];
    }),
  };
}

function plotsOf(sizes: readonly Size[]): Plot[] {
  const names = sizes.map(({ size }) => String(size));
  const series = (name: string, value: (round: Round) => number) => ({
    name,
    points: sizes.map(({ rounds }, i): [number, number] => [i, median(rounds.map(value))]),
  });
  const x = { label: 'frame size, FCS counted', names };
  return [
    {
      file: 'frames-mpps',
      title: 'Frames a second',
      x,
      y: { label: 'Mpps' },
      series: [series('received', mpps)],
    },
    {
      file: 'frames-cpu',
      title: 'CPU a frame, by process',
      x,
      y: { label: 'ns' },
      series: (['source', 'switch', 'sink'] as const).map((who) => series(who, (round) => cpuNs(round, who))),
    },
  ];
}

export const framesTrial = defineTrial<Parameters>({
  name: 'frames',
  title: 'Frames through three processes',
  shows:
    'Generator device -> wslink -> switch -> wslink -> counting device, as users run them, over real WebSockets, as fast as the device takes frames.',
  full: { sizes: [64, 128, 256, 512, 1024, 1280, 1518, 'IMIX'], seconds: 1.2, rounds: 5, warmUp: 4 },
  quick: { sizes: [64, 1518], seconds: 0.8, rounds: 3, warmUp: 3 },
  run: async (p, ctx) => {
    const lab = await TrafficLab.start({ folder: ctx.folder, processes: [['source'], ['sink']] });
    try {
      const done: Size[] = [];
      for (const size of p.sizes) {
        done.push(await measureSize(lab, size, p, done.length === 0 ? p.warmUp : 1));
        ctx.say(`${size}: ${median(done.at(-1)!.rounds.map(mpps)).toFixed(2)} Mpps`);
      }
      const cpu: ProcessCpu[] = done.flatMap(({ size, rounds }) => cpuOf(rounds, `${size}: `));
      return {
        figures: done.flatMap(figuresOf),
        accounts: done.map(({ account }) => account),
        cpu,
        grids: [gridOf(done)],
        plots: plotsOf(done),
        notes: [
          'The switch is measured while its two ports are busy; what it drops because the sink is slower makes its figure dearer, not cheaper.',
          'Three busy processes share the cores there are.',
        ],
      };
    } finally {
      await lab.close();
    }
  },
});
