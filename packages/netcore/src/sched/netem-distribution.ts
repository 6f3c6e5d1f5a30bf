/**
 * Distributions of delay: 4096 equally likely deviations from the mean, in units of the jitter, as netem's tables hold
 * them; computed, not stored. cf. tabledist, net/sched/sch_netem.c, and the .dist files of iproute2
 *
 *   normal        one standard deviation is the jitter, cut off at four
 *   pareto        shape 3: most are short, a few are very long; standard deviation 0.82 once it is cut off at four
 *   paretonormal  a quarter of the one and three quarters of the other
 */
import type { NetemDistribution } from './netem-params.ts';

const SIZE = 4096;
/** Tables hold 16 bits with 8192 for one: nothing is further out than this. */
const FURTHEST = 32767 / 8192;
const PARETO_SHAPE = 3;
const PARETO_MEAN = 1.5;
const PARETO_SCALE = 4 / 3;

const cache = new Map<NetemDistribution, Float64Array>();

/** Null for the uniform distribution, which needs no table. */
export function netemTable(distribution: NetemDistribution): Float64Array | null {
  if (distribution === 'uniform') return null;
  let table = cache.get(distribution);
  if (table === undefined) {
    const quantile = QUANTILES[distribution];
    table = Float64Array.from({ length: SIZE }, (_, i) => cut(quantile((i + 0.5) / SIZE)));
    cache.set(distribution, table);
  }
  return table;
}

/** Deviation of one frame by a draw from [0, 1), in units of the jitter. */
export function netemDeviation(table: Float64Array | null, drawn: number): number {
  return table === null ? drawn * 2 - 1 : table[Math.min(SIZE - 1, Math.floor(drawn * SIZE))]!;
}

const QUANTILES = {
  normal: normalQuantile,
  pareto: paretoQuantile,
  paretonormal: (p: number) => 0.25 * cut(normalQuantile(p)) + 0.75 * cut(paretoQuantile(p)),
} as const;

function cut(x: number): number {
  return Math.max(-FURTHEST, Math.min(FURTHEST, x));
}

function paretoQuantile(p: number): number {
  return ((1 - p) ** (-1 / PARETO_SHAPE) - PARETO_MEAN) * PARETO_SCALE;
}

/** Where the standard normal distribution reaches p: by bisection, since a table is made once. */
function normalQuantile(p: number): number {
  let low = -6;
  let high = 6;
  for (let i = 0; i < 48; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** By its power series around 0, which converges fast where tables reach. */
function normalCdf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 400; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
