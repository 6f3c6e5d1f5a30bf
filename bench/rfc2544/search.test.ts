import { describe, expect, test } from 'vitest';
import { lossRatio, searchRate, type TrialOutcome } from './search.ts';

const options = { low: 0, high: 1000, width: 0.01, repeats: 1, hopeless: 0.1 };
const outcome = (lost: number): TrialOutcome => ({ lost, intended: 1000, offered: 1000 });

describe('the search for the highest rate without loss', () => {
  test('ends within its width below a switch that drops above 370', async () => {
    const { rate } = await searchRate(async (r) => outcome(r > 370 ? 1 : 0), options);
    expect(rate).toBeLessThanOrEqual(370);
    expect(rate).toBeGreaterThan(370 * 0.98);
  });

  test('takes the highest rate at once when that loses nothing', async () => {
    const { rate, steps } = await searchRate(async () => outcome(0), options);
    expect(rate).toBe(1000);
    expect(steps).toHaveLength(1);
  });

  test('does not let one hiccup reject a rate', async () => {
    const seen = new Set<number>();
    const once = async (rate: number) => {
      if (rate > 370) return outcome(500);
      const first = !seen.has(rate);
      seen.add(rate);
      return outcome(first ? 1 : 0);
    };
    expect((await searchRate(once, options)).rate).toBeGreaterThan(370 * 0.98);
  });

  test('does not repeat a trial that lost far too much', async () => {
    const { steps } = await searchRate(async (rate) => outcome(rate > 370 ? 500 : 0), options);
    const rejected = steps.filter(({ passed }) => !passed).map(({ rate }) => rate);
    expect(new Set(rejected).size).toBe(rejected.length);
  });

  test('is 0 for a switch that always loses', async () => {
    expect((await searchRate(async () => outcome(1), options)).rate).toBe(0);
  });

  test('a rate that the source did not keep is lossy although nothing was dropped', () => {
    expect(lossRatio({ lost: 0, intended: 1000, offered: 900 })).toBeCloseTo(0.1);
    expect(lossRatio({ lost: 0, intended: 1000, offered: 999 })).toBe(0);
  });
});
