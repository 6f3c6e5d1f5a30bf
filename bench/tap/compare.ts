/** Figures of ours beside each rival's: its own, and the ratio ours to it of the same round. */
import type { Figure, Plot, ProcessCpu } from '../report/trial.ts';
import type { Cable } from '../rivals/cable.ts';
import { median } from '../statistics.ts';
import type { Observed } from './observe.ts';

export interface Quantity {
  /** Begins the ids: 'iperf3-plain' gives iperf3-plain-vde-gbit and iperf3-plain-vs-vde. */
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  /** Ends the ids of the values: 'gbit'. */
  readonly suffix: string;
  readonly better: 'more' | 'less';
}

/** One value a round of each cable; ours is the first. */
export function compare(quantity: Quantity, values: ReadonlyMap<Cable, readonly number[]>): Figure[] {
  const { id, label, unit, suffix, better } = quantity;
  const [ours] = values.values();
  const found: Figure[] = [];
  for (const [{ rival }, samples] of values) {
    found.push({
      id: `${id}-${rival.id}-${suffix}`,
      label: `${label}, ${rival.title}`,
      unit,
      samples,
      better,
    });
  }
  for (const [{ rival }, theirs] of values) {
    if (theirs === ours) continue;
    const samples = theirs.map((value, round) => ours![round]! / value);
    found.push({
      id: `${id}-vs-${rival.id}`,
      label: `${label}, ours / ${rival.title}`,
      unit: 'times',
      samples,
      better,
    });
  }
  return found;
}

/** What each process of each cable took in all rounds. */
export function processTimes(rounds: ReadonlyMap<Cable, readonly Observed[]>): ProcessCpu[] {
  return [...rounds].flatMap(([{ rival }, observed]) => {
    const wallSeconds = observed.reduce((sum, round) => sum + round.wallSeconds, 0);
    const names = new Set(observed.flatMap((round) => [...round.cpu.keys()]));
    return [...names].map((name) => ({
      process: `${rival.id}: ${name}`,
      seconds: observed.reduce((sum, round) => sum + (round.cpu.get(name) ?? 0), 0),
      wallSeconds,
    }));
  });
}

/** A bar for the median of each cable. */
export function bars(
  { id, label, unit }: Quantity,
  title: string,
  values: ReadonlyMap<Cable, readonly number[]>,
): Plot {
  return {
    file: id,
    title,
    x: { label: 'cable', names: [...values.keys()].map(({ rival }) => rival.id) },
    y: { label: unit },
    series: [{ name: label, points: [...values.values()].map((samples, i) => [i, median(samples)]) }],
  };
}
