/** RFC 2544 on one LAN with two nodes: throughput, latency, frame loss, back-to-back frames (RFC 9004). */
import { setTimeout as delay } from 'node:timers/promises';
import { type Account, defineTrial, type Figure, type Grid, type Plot } from '../report/trial.ts';
import { median } from '../statistics.ts';
import type { Latency } from '../traffic/counter.ts';
import { runPaced } from '../traffic/paced.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';
import { type BackToBack, backToBack } from './back-to-back.ts';
import { type LossPoint, lossCurve } from './loss-curve.ts';
import { type Throughput, type ThroughputParameters, throughput } from './throughput.ts';

interface Parameters extends ThroughputParameters {
  readonly sizes: readonly number[];
  /** Of these sizes also latency; of the first of them loss and back-to-back. */
  readonly latencySizes: readonly number[];
  readonly latencySeconds: number;
  readonly latencyRounds: number;
  readonly loss: boolean;
  readonly burstRounds: number;
}

interface LatencyAt {
  readonly size: number;
  readonly part: number;
  readonly rounds: readonly Latency[];
}

const PARTS = [0.5, 0.9, 1];

async function latencies(
  lab: TrafficLab,
  { size, rate }: Throughput,
  p: Parameters,
  accounts: Account[],
): Promise<LatencyAt[]> {
  const list: LatencyAt[] = [];
  for (const part of PARTS) {
    const rounds: Latency[] = [];
    for (let i = 0; i < p.latencyRounds; i++) {
      const outcome = await runPaced(lab, {
        from: 'source',
        to: 'sink',
        sizes: [size],
        rate: rate * part,
        seconds: p.latencySeconds,
        stampEvery: 7,
        settle: 0.5,
      });
      accounts.push({ ...outcome.account, what: `${size}, latency at ${part * 100} %` });
      rounds.push(outcome.latency);
    }
    list.push({ size, part, rounds });
  }
  return list;
}

const ms = (us: number) => us / 1000;

function figuresOf(rates: readonly Throughput[], late: readonly LatencyAt[]): Figure[] {
  const figures: Figure[] = rates.map(({ size, rate }) => ({
    id: `ndr-kpps-${size}`,
    label: `no-drop rate, frames of ${size}`,
    unit: 'kpps',
    samples: [rate / 1000],
  }));
  for (const { size, part, rounds } of late)
    for (const which of ['p50', 'p99', 'p999'] as const)
      figures.push({
        id: `latency-${which}-${part * 100}-ndr-ms-${size}`,
        label: `latency ${which} at ${part * 100} % of the no-drop rate, frames of ${size}`,
        unit: 'ms',
        samples: rounds.map((latency) => ms(latency[which])),
        better: 'less',
      });
  const half = late.find(({ size, part }) => size === late[0]?.size && part === 0.5);
  if (half !== undefined)
    figures.push({
      id: 'latency-p99-half-ndr-ms',
      label: `latency p99 at half of the no-drop rate, frames of ${half.size}`,
      unit: 'ms',
      samples: half.rounds.map(({ p99 }) => ms(p99)),
      better: 'less',
    });
  return figures;
}

function gridsOf(
  rates: readonly Throughput[],
  late: readonly LatencyAt[],
  loss: readonly LossPoint[],
  bursts: BackToBack | null,
): Grid[] {
  const kpps = (fps: number) => (fps / 1000).toFixed(0);
  const grids: Grid[] = [
    {
      title: 'Throughput: the highest rate without loss',
      head: ['size', 'kpps', 'Gbit/s', 'trials', 'source without pace, kpps'],
      rows: rates.map(({ size, rate, steps, maximum }) => [
        String(size),
        kpps(rate),
        ((rate * size * 8) / 1e9).toFixed(2),
        String(steps.length),
        kpps(maximum),
      ]),
    },
    {
      title: 'Latency, ms, from the time a frame was due',
      head: ['size', 'load', 'p50', 'p99', 'p99.9', 'most'],
      rows: late.map(({ size, part, rounds }) => {
        const of = (what: 'p50' | 'p99' | 'p999' | 'max') =>
          ms(median(rounds.map((r) => r[what]))).toFixed(2);
        return [String(size), `${part * 100} %`, of('p50'), of('p99'), of('p999'), of('max')];
      }),
    },
  ];
  if (loss.length > 0)
    grids.push({
      title: `Frame loss, frames of ${rates[0]!.size}`,
      head: ['load', 'offered kpps', 'lost'],
      rows: loss.map(({ part, offered, lossPercent }) => [
        `${Math.round(part * 100)} %`,
        kpps(offered),
        `${lossPercent.toFixed(2)} %`,
      ]),
    });
  if (bursts !== null) grids.push(bursts.grid);
  return grids;
}

function plotsOf(
  rates: readonly Throughput[],
  late: readonly LatencyAt[],
  loss: readonly LossPoint[],
): Plot[] {
  const plots: Plot[] = [
    {
      file: 'rfc2544-latency',
      title: 'Latency by load',
      x: { label: 'part of the no-drop rate', names: PARTS.map((part) => `${part * 100} %`) },
      y: { label: 'ms', log: true },
      series: [...new Set(late.map(({ size }) => size))].flatMap((size) =>
        (['p50', 'p99', 'p999'] as const).map((which) => ({
          name: `${size} ${which}`,
          points: late
            .filter((one) => one.size === size)
            .map(({ rounds }, i): [number, number] => [i, ms(median(rounds.map((r) => r[which])))]),
        })),
      ),
    },
  ];
  if (rates.length > 1)
    plots.push({
      file: 'rfc2544-throughput',
      title: 'Throughput without loss',
      x: { label: 'frame size, FCS counted', names: rates.map(({ size }) => String(size)) },
      y: { label: 'kpps' },
      series: [
        { name: 'no-drop rate', points: rates.map(({ rate }, i): [number, number] => [i, rate / 1000]) },
      ],
    });
  if (loss.length > 0)
    plots.push({
      file: 'rfc2544-loss',
      title: 'Frame loss by offered load',
      x: { label: 'kpps offered' },
      y: { label: '% lost' },
      series: [
        {
          name: `frames of ${rates[0]!.size}`,
          points: loss.map(({ offered, lossPercent }): [number, number] => [offered / 1000, lossPercent]),
        },
      ],
    });
  return plots;
}

export const rfc2544Trial = defineTrial<Parameters>({
  name: 'rfc2544',
  title: 'RFC 2544: throughput, latency, frame loss, back-to-back',
  shows:
    'One node sends to another through the switch at a kept pace. TCP carries frames without loss, so a frame can only be lost in a bounded queue of ours, and its counter says so.',
  full: {
    sizes: [64, 128, 256, 512, 1024, 1280, 1518],
    latencySizes: [64, 1518],
    latencySeconds: 3,
    latencyRounds: 3,
    early: 1.5,
    final: 5,
    width: 0.02,
    loss: true,
    burstRounds: 5,
  },
  quick: {
    sizes: [64],
    latencySizes: [64],
    latencySeconds: 1,
    latencyRounds: 1,
    early: 0.6,
    final: 1.5,
    width: 0.1,
    loss: false,
    burstRounds: 0,
  },
  run: async (p, ctx) => {
    const lab = await TrafficLab.start({ folder: ctx.folder, processes: [['source'], ['sink']] });
    try {
      const rates: Throughput[] = [];
      const late: LatencyAt[] = [];
      const accounts: Account[] = [];
      for (const size of p.sizes) {
        const found = await throughput(lab, size, p);
        rates.push(found);
        accounts.push(...found.accounts);
        ctx.say(`${size}: ${(found.rate / 1000).toFixed(0)} kpps without loss`);
        if (p.latencySizes.includes(size) && found.rate > 0)
          late.push(...(await latencies(lab, found, p, accounts)));
        await delay(200);
      }
      const first = rates[0]!;
      const loss = p.loss ? await lossCurve(lab, first, p.early, accounts) : [];
      const bursts = p.burstRounds > 0 ? await backToBack(lab, first, p.burstRounds, accounts) : null;
      return {
        figures: [...figuresOf(rates, late), ...(bursts?.figures ?? [])],
        accounts,
        grids: gridsOf(rates, late, loss, bursts),
        plots: plotsOf(rates, late, loss),
        failures: rates
          .filter(({ rate }) => rate === 0)
          .map(({ size }) => `${size}: no rate without loss was found`),
        notes: [
          `Search: binary, trials of ${p.early} s, to ${p.width * 100} %; a lossy trial is repeated before its rate is rejected; the result is verified for ${p.final} s. RFC 2544 asks for 60 s.`,
          'The source sends by turns of a quarter of a millisecond. A frame is stamped with the time it was due, so what waits in a late source or a stopped queue counts as latency.',
          'Latency counts from half a second after the flow has begun.',
          'The no-drop rate is where the drop counters of our queues start; what the source could not offer counts as lost.',
        ],
      };
    } finally {
      await lab.close();
    }
  },
});
