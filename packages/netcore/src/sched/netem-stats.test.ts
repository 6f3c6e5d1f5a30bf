import { describe, expect, test } from 'vitest';
import { Mulberry32 } from '../mulberry32.ts';
import { netemTable } from './netem-distribution.ts';
import { NETEM_CORRUPT, NETEM_DUPLICATE, NETEM_LOST, NetemModel } from './netem-model.ts';
import { NETEM_NONE, type NetemDistribution, type NetemParams } from './netem-params.ts';

function netem(params: Partial<NetemParams>, seed = 1): NetemModel {
  const model = new NetemModel(new Mulberry32(seed));
  model.configure({ ...NETEM_NONE, ...params });
  return model;
}

/** 1 for each frame lost, n frames. */
function losses(params: Partial<NetemParams>, n: number, seed = 1): Uint8Array {
  const model = netem(params, seed);
  const lost = new Uint8Array(n);
  for (let i = 0; i < n; i++) lost[i] = model.judge(0, false) === NETEM_LOST ? 1 : 0;
  return lost;
}

/** Share of frames lost, and how long a burst of losses is on average. */
function rateAndBurst(lost: Uint8Array): { rate: number; burst: number; lengths: number[] } {
  const lengths: number[] = [];
  let sum = 0;
  let run = 0;
  for (const one of lost) {
    sum += one;
    if (one === 1) run++;
    else if (run > 0) {
      lengths[run] = (lengths[run] ?? 0) + 1;
      run = 0;
    }
  }
  const bursts = lengths.reduce((total, count) => total + (count ?? 0), 0);
  return { rate: sum / lost.length, burst: sum / bursts, lengths };
}

function mean(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]!;
  return sum / x.length;
}

/** Autocorrelation at a lag. */
function autocorrelation(x: ArrayLike<number>, lag = 1): number {
  const m = mean(x);
  let cov = 0;
  let variance = 0;
  for (let i = 0; i < x.length; i++) {
    variance += (x[i]! - m) ** 2;
    if (i + lag < x.length) cov += (x[i]! - m) * (x[i + lag]! - m);
  }
  return cov / variance;
}

const within = (share: number, p: number, n: number) =>
  expect(Math.abs(share - p)).toBeLessThan(3.29 * Math.sqrt((p * (1 - p)) / n));

describe('loss at random', () => {
  test('lost frames in blocks of 1000 are binomial: chi-square over their counts', () => {
    const p = 0.01;
    const n = 1000;
    const blocks = 2000;
    const lost = losses({ loss: p }, n * blocks, 3);
    const seen = new Float64Array(25);
    for (let b = 0; b < blocks; b++)
      seen[
        Math.min(
          24,
          lost.subarray(b * n, b * n + n).reduce((a, c) => a + c, 0),
        )
      ]!++;
    let chi = 0;
    let want = (1 - p) ** n;
    let bins = 0;
    for (let k = 0; k < 25; k++, want *= ((n - k + 1) * p) / (k * (1 - p))) {
      if (want * blocks < 5) continue;
      chi += (seen[k]! - want * blocks) ** 2 / (want * blocks);
      bins++;
    }
    expect(bins).toBeGreaterThan(12);
    expect(chi).toBeLessThan(bins + 4 * Math.sqrt(2 * bins));
  });

  test('bursts are geometric: each length is as frequent as the one before times the loss', () => {
    const { lengths } = rateAndBurst(losses({ loss: 0.3 }, 1_000_000, 5));
    for (let k = 1; k < 5; k++) expect(lengths[k + 1]! / lengths[k]!).toBeCloseTo(0.3, 1);
  });

  test('a correlation makes losses lean on those before', () => {
    const lost = losses({ loss: 0.3, lossCorrelation: 0.5 }, 400_000, 7);
    expect(autocorrelation(losses({ loss: 0.3 }, 400_000, 7))).toBeCloseTo(0, 2);
    expect(autocorrelation(lost)).toBeGreaterThan(0.2);
    expect(rateAndBurst(lost).burst).toBeGreaterThan(1.5);
  });
});

describe('Gilbert and Elliot', () => {
  // biome-ignore format: one case a line
  test.each([
    ['Gilbert: a bad state loses all, a good one nothing', { p: 0.01, r: 0.25, '1-h': 1,   '1-k': 0 },     4],
    ['a bad state that loses half',                         { p: 0.05, r: 0.2,  '1-h': 0.5, '1-k': 0 },     0],
    ['and a good one that loses a little',                  { p: 0.05, r: 0.2,  '1-h': 0.9, '1-k': 0.001 }, 0],
  ])('%s: the loss and the bursts are theory’s within 2 %%', (_name, model, burst) => {
    const want = (model.p * model['1-h'] + model.r * model['1-k']) / (model.p + model.r);
    const seen = rateAndBurst(losses({ lossGemodel: model }, 3_000_000, 11));
    expect(Math.abs(seen.rate / want - 1)).toBeLessThan(0.02);
    if (burst > 0) expect(Math.abs(seen.burst / burst - 1)).toBeLessThan(0.02);
  });

  test('a frame is judged in the state it finds: with p = r = 1 it is lost every other time, never the first', () => {
    const lost = losses({ lossGemodel: { p: 1, r: 1, '1-h': 1, '1-k': 0 } }, 8);
    expect([...lost]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
  });

  test('the good state does not fall through to the bad one, as it did in old kernels', () => {
    expect(rateAndBurst(losses({ lossGemodel: { p: 0, r: 0.25, '1-h': 1, '1-k': 0 } }, 10_000)).rate).toBe(0);
  });
});

describe('a chain of four states', () => {
  test('with two of them it is Gilbert’s: p13 to losing, p31 back', () => {
    const lossState = { p13: 0.02, p31: 0.4, p32: 0, p23: 1, p14: 0 };
    const seen = rateAndBurst(losses({ lossState }, 3_000_000, 13));
    expect(Math.abs(seen.rate / (0.02 / 0.42) - 1)).toBeLessThan(0.02);
    expect(Math.abs(seen.burst / 2.5 - 1)).toBeLessThan(0.02);
  });

  test('the loss is the stationary share of the two losing states', () => {
    const lossState = { p13: 0.02, p31: 0.2, p32: 0.3, p23: 0.5, p14: 0.01 };
    const seen = rateAndBurst(losses({ lossState }, 3_000_000, 17)).rate;
    expect(Math.abs(seen / stationaryLoss(lossState) - 1)).toBeLessThan(0.02);
  });

  test('a loss in a gap is always alone', () => {
    const lossState = { p13: 0, p31: 1, p32: 0, p23: 1, p14: 0.3 };
    expect(rateAndBurst(losses({ lossState }, 100_000)).burst).toBe(1);
  });
});

/** By iterating the chain: states 1, 2, 3, 4. */
function stationaryLoss({ p13, p31, p32, p23, p14 }: NonNullable<NetemParams['lossState']>): number {
  let pi = [1, 0, 0, 0];
  for (let i = 0; i < 2000; i++) {
    const [s1, s2, s3, s4] = pi as [number, number, number, number];
    pi = [
      s1 * (1 - p13 - p14) + s3 * p31 + s4,
      s2 * (1 - p23) + s3 * p32,
      s1 * p13 + s2 * p23 + s3 * (1 - p31 - p32),
      s1 * p14,
    ];
  }
  return pi[2]! + pi[3]!;
}

describe('delays', () => {
  const delays = (params: Partial<NetemParams>, n: number) => {
    const model = netem({ delay: 100, jitter: 10, ...params }, 23);
    return Float64Array.from({ length: n }, (_, i) => model.due(100, i) - i);
  };

  /** Tables end here, and hold what is further out as well. */
  const CUT = 3.999;

  /** The greatest distance between what is seen and a distribution function. */
  function kolmogorov(x: Float64Array, cdf: (v: number) => number): number {
    const sorted = x.slice().sort();
    let d = 0;
    for (let i = 0; i < sorted.length && sorted[i]! < CUT; i++) {
      const f = cdf(sorted[i]!);
      d = Math.max(d, Math.abs(f - i / sorted.length), Math.abs(f - (i + 1) / sorted.length));
    }
    return d;
  }

  const phi = (z: number) => {
    let sum = z;
    let term = z;
    for (let k = 3; k < 200; k += 2) sum += term *= (z * z) / k;
    return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
  };
  const pareto = (t: number) => (t < -2 / 3 ? 0 : 1 - (0.75 * t + 1.5) ** -3);

  // biome-ignore format: one case a line
  test.each([
    ['uniform', (t: number) => (t + 1) / 2],
    ['normal',  phi],
    ['pareto',  pareto],
  ] as const)('%s: 100,000 of them follow it, Kolmogorov and Smirnov see no difference', (distribution, cdf) => {
    const n = 100_000;
    const seen = delays({ distribution }, n).map((d) => (d - 100) / 10);
    expect(kolmogorov(seen, cdf)).toBeLessThan(1.95 / Math.sqrt(n) + 2 / 4096);
  });

  // biome-ignore format: one case a line; quantiles 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99 of the files in iproute2's tc folder
  test.each([
    ['normal',       [-2.3341, -1.2822, -0.6744,  0,      0.6746, 1.2811, 2.3271]],
    ['pareto',       [-0.6624, -0.6191, -0.5325, -0.3201, 0.1166, 0.8717, 3.9999]],
    ['paretonormal', [-1.0802, -0.7849, -0.5679, -0.24,   0.256,  0.974,  3.5817]],
  ] as const)('the table of %s is that of tc', (distribution, quantiles) => {
    const table = netemTable(distribution)!;
    for (const [i, q] of [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99].entries())
      expect(Math.abs(table[Math.floor(q * table.length)]! - quantiles[i]!)).toBeLessThan(0.005);
  });

  test('paretonormal is a quarter of the one and three quarters of the other', () => {
    const [normal, paretoTable, mixed] = (['normal', 'pareto', 'paretonormal'] as const).map(
      (d) => netemTable(d)!,
    );
    for (const i of [0, 1000, 2048, 4095])
      expect(mixed![i]).toBeCloseTo(0.25 * normal![i]! + 0.75 * paretoTable![i]!, 10);
  });

  // biome-ignore format: one case a line
  test.each([
    ['uniform',      0, 10 / Math.sqrt(3)],
    ['normal',       0, 10],
    ['pareto',       -0.33, 8.2],
    ['paretonormal', -0.25, 8.34],
  ] as [NetemDistribution, number, number][])('%s: mean and spread', (distribution, off, spread) => {
    const seen = delays({ distribution }, 200_000);
    const m = mean(seen);
    expect(Math.abs(m - 100 - off)).toBeLessThan(0.1);
    const sigma = Math.sqrt(mean(seen.map((d) => (d - m) ** 2)));
    expect(Math.abs(sigma / spread - 1)).toBeLessThan(0.02);
  });

  test.each([0, 0.25, 0.5, 0.75])(
    'a correlation of %f is the autocorrelation of the delays, and its powers at further lags',
    (rho) => {
      const seen = delays({ delayCorrelation: rho }, 200_000);
      for (const lag of [1, 2, 3])
        expect(Math.abs(autocorrelation(seen, lag) - rho ** lag)).toBeLessThan(0.015);
    },
  );

  test('no frame leaves before it came, whatever the jitter', () => {
    const model = netem({ delay: 1, jitter: 50, distribution: 'normal' });
    for (let i = 0; i < 10_000; i++) expect(model.due(100, i)).toBeGreaterThanOrEqual(i);
  });

  test('ordered: frames keep their order, whatever the jitter', () => {
    const model = netem({ delay: 10, jitter: 10, ordered: true });
    let last = 0;
    for (let i = 0; i < 10_000; i++) {
      const due = model.due(100, i / 10);
      expect(due).toBeGreaterThanOrEqual(last);
      last = due;
    }
  });
});

describe('what else is left to chance', () => {
  const n = 1_000_000;
  const share = (params: Partial<NetemParams>, flag: number) => {
    const model = netem(params, 29);
    let seen = 0;
    for (let i = 0; i < n; i++) if ((model.judge(0, false) & flag) !== 0) seen++;
    return seen / n;
  };

  test('duplicates and wrong bits are as many as asked for, within 99.9 %', () => {
    within(share({ duplicate: 0.02 }, NETEM_DUPLICATE), 0.02, n);
    within(share({ corrupt: 0.003 }, NETEM_CORRUPT), 0.003, n);
  });

  test('every bit of a frame is turned as often as any other', () => {
    const model = netem({ corrupt: 1 }, 31);
    const seen = new Float64Array(64);
    for (let i = 0; i < 64_000; i++) seen[model.corruptBit(8)]!++;
    const chi = seen.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi).toBeLessThan(63 + 4 * Math.sqrt(126));
  });

  test('reordering: the share of frames that jump the queue, within 99.9 %', () => {
    const model = netem({ delay: 10, reorder: 0.25, gap: 1 }, 37);
    let jumped = 0;
    for (let i = 0; i < n; i++) {
      const due = model.due(100, i);
      if (model.jumped) jumped++;
      if (model.jumped !== (due === i)) throw new Error('a frame that jumps leaves at once, others do not');
    }
    within(jumped / n, 0.25, n);
  });

  test('with a gap of 5 every fifth frame may jump, and only that', () => {
    const model = netem({ delay: 10, reorder: 1, gap: 5 });
    const jumps = Array.from({ length: 15 }, (_, i) => {
      model.due(100, i);
      return model.jumped ? 1 : 0;
    });
    expect(jumps).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  });
});

describe('rate and slots', () => {
  // biome-ignore format: one case a line; a byte a microsecond
  test.each([
    ['bytes of the frame',                   {},                                 1000, 1],
    ['and an overhead of each',              { packetOverhead: 24 },             1000, 1.024],
    ['or less than they are',                { packetOverhead: -1500 },          1000, 0],
    ['whole cells',                          { cellSize: 48 },                   1000, 1.008],
    ['whole cells and their own overhead',   { cellSize: 48, cellOverhead: 5 },  1000, 1.113],
  ])('a frame takes the wire for its %s', (_name, params, length, ms) => {
    expect(netem({ rate: 8_000_000, ...params }).due(length, 0)).toBeCloseTo(ms, 9);
  });

  const slot = { minDelay: 10, maxDelay: 10, distribution: null, delay: 0, jitter: 0, packets: 0, bytes: 0 };

  test('frames that come before a slot leave together when it opens', () => {
    const model = netem({ slot });
    expect([0, 3, 9, 10].map((now) => model.due(100, now))).toEqual([10, 10, 10, 10]);
    expect(model.due(100, 11)).toBe(21);
  });

  test('a slot takes so many frames, or bytes, and the rest waits for the next', () => {
    const two = netem({ slot: { ...slot, packets: 2 } });
    expect([0, 0, 0, 0, 0].map((now) => two.due(100, now))).toEqual([10, 10, 20, 20, 30]);
    const bytes = netem({ slot: { ...slot, bytes: 250 } });
    expect([0, 0, 0, 0].map((now) => bytes.due(100, now))).toEqual([10, 10, 10, 20]);
  });

  test('the time between slots may have a distribution', () => {
    const model = netem({ slot: { ...slot, packets: 1, distribution: 'normal', delay: 10, jitter: 1 } }, 41);
    const opened = Array.from({ length: 20_000 }, () => model.due(100, 0));
    const gaps = Float64Array.from(opened.slice(1), (at, i) => at - opened[i]!);
    expect(mean(gaps)).toBeCloseTo(10, 1);
    expect(Math.sqrt(mean(gaps.map((g) => (g - 10) ** 2)))).toBeCloseTo(1, 1);
  });
});
