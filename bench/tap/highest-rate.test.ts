import { expect, test } from 'vitest';
import { highestRate } from './highest-rate.ts';

const search = (limit: number, asked: number[] = []) => ({
  from: 10,
  upTo: 1000,
  steps: 6,
  passes: async (rate: number) => {
    asked.push(rate);
    return rate <= limit;
  },
});

test('the limit is found from below, within the last step', async () => {
  const found = await highestRate(search(300));
  expect(found).toBeLessThanOrEqual(300);
  expect(found).toBeGreaterThan(295);
});

test('a limit below the first rate is found too, and none at all is 0', async () => {
  expect(await highestRate(search(6))).toBeCloseTo(6, 0);
  expect(await highestRate(search(0))).toBe(0);
});

test('what always passes ends at the last doubling', async () => {
  expect(await highestRate(search(Infinity))).toBe(640);
});

test('one failure is asked again and forgotten when it does not come back', async () => {
  const asked: number[] = [];
  let hiccups = 1;
  const { passes, ...rest } = search(Infinity, asked);
  const found = await highestRate({
    ...rest,
    passes: async (rate) => (await passes(rate)) && !(rate === 40 && hiccups-- > 0),
  });
  expect(found).toBe(640);
  expect(asked.filter((rate) => rate === 40)).toHaveLength(2);
});
