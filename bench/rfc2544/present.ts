/** What an RFC 2544 run found, as figures, tables and plots. */
import type { Figure, Grid, Plot } from '../report/trial.ts';
import { median, pairedRatios } from '../statistics.ts';
import type { Latency } from '../traffic/counter.ts';
import type { BackToBack } from './back-to-back.ts';
import type { LossPoint } from './loss-curve.ts';
import type { Throughput } from './throughput.ts';

export interface LatencyAt {
  readonly size: number;
  readonly part: number;
  readonly rounds: readonly Latency[];
  /** Over a bare relay, paired with the rounds; empty where it was not asked. */
  readonly bare: readonly Latency[];
}

/** Of the no-drop rate. */
export const PARTS = [0.5, 0.9, 1];

const ms = (us: number) => us / 1000;

export function figuresOf(rates: readonly Throughput[], late: readonly LatencyAt[]): Figure[] {
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
  if (half !== undefined) figures.push(...halfRateFigures(half));
  return figures;
}

function halfRateFigures({ size, rounds, bare }: LatencyAt): Figure[] {
  const figure = (id: string, label: string, unit: string, samples: number[]): Figure => ({
    id,
    label,
    unit,
    samples,
    better: 'less',
  });
  const p99 = (list: readonly Latency[]) => list.map((latency) => ms(latency.p99));
  const at = `at half of the no-drop rate, frames of ${size}`;
  return [
    figure('latency-p99-half-ndr-ms', `latency p99 ${at}`, 'ms', p99(rounds)),
    figure('latency-net-relay-p99-half-ndr-ms', `latency p99 of a bare \`net\` relay ${at}`, 'ms', p99(bare)),
    figure(
      'latency-p99-vs-net-relay',
      `latency p99 to that of a bare \`net\` relay, ${at}`,
      'times',
      pairedRatios(p99(rounds), p99(bare)),
    ),
  ];
}

function latencyRow(size: string, load: string, rounds: readonly Latency[]): string[] {
  const of = (what: 'p50' | 'p99' | 'p999' | 'max') => ms(median(rounds.map((r) => r[what]))).toFixed(2);
  return [size, load, of('p50'), of('p99'), of('p999'), of('max')];
}

export function gridsOf(
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
      rows: late.flatMap(({ size, part, rounds, bare }) => [
        latencyRow(`${size}`, `${part * 100} %`, rounds),
        ...(bare.length > 0 ? [latencyRow(`${size}, bare \`net\` relay`, `${part * 100} %`, bare)] : []),
      ]),
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

export function plotsOf(
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
          name: `${size} ${which === 'p999' ? 'p99.9' : which}`,
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
