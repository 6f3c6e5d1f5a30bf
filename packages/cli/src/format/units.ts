/** Quantities in words, as tc prints them. */
import type { Impair } from '@etherloom/schema';

const TIMES = [
  [1, 's'],
  [1e-3, 'ms'],
  [1e-6, 'us'],
] as const;
const RATES = [
  [1e9, 'gbit'],
  [1e6, 'mbit'],
  [1e3, 'kbit'],
] as const;
const COUNTS = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e4, 'k'],
] as const;

export function timeText(seconds: number): string {
  const [scale, unit] = TIMES.find(([least]) => seconds >= least) ?? TIMES[2];
  return `${short(seconds / scale)}${unit}`;
}

export function rateText(bits: number): string {
  const [scale, unit] = RATES.find(([least]) => bits >= least) ?? [1, 'bit'];
  return `${short(bits / scale)}${unit}`;
}

/** A counter in at most five characters. */
export function countText(count: number): string {
  const found = COUNTS.find(([least]) => count >= least);
  if (found === undefined) return String(count);
  const scale = found[1] === 'k' ? 1e3 : found[0];
  return `${Number((count / scale).toPrecision(3))}${found[1]}`;
}

/** "delay 10ms ±2ms, loss 0.5%, rate 20mbit"; empty when the direction is left alone. */
export function impairText(impair: Impair): string {
  const words: string[] = [];
  if (impair.delay > 0 || impair.jitter > 0) {
    words.push(`delay ${timeText(impair.delay)}${impair.jitter > 0 ? ` ±${timeText(impair.jitter)}` : ''}`);
  }
  if (impair.loss > 0) words.push(`loss ${share(impair.loss)}`);
  if (impair.lossState !== undefined) words.push(`loss state ${share(impair.lossState.p13)}`);
  if (impair.lossGemodel !== undefined) words.push(`loss gemodel ${share(impair.lossGemodel.p)}`);
  for (const what of ['duplicate', 'corrupt', 'reorder'] as const) {
    if (impair[what] !== undefined) words.push(`${what} ${share(impair[what])}`);
  }
  if (impair.rate > 0) words.push(`rate ${rateText(impair.rate)}`);
  if (impair.slot !== undefined)
    words.push(`slot ${timeText(impair.slot.minDelay ?? impair.slot.delay ?? 0)}`);
  return words.join(', ');
}

function share(fraction = 0): string {
  return `${short(fraction * 100)}%`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
