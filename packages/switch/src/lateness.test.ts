import { expect, test } from 'vitest';
import { LatenessHistogram } from './lateness.ts';

test('quantiles are within an eighth of what was recorded, the maximum is exact', () => {
  const late = new LatenessHistogram();
  for (let i = 1; i <= 1000; i++) late.record(i / 100); // 0.01 to 10 ms
  const { p50, p99, max } = late.summary()!;
  expect(Math.abs(p50 / 0.005 - 1)).toBeLessThan(0.125);
  expect(Math.abs(p99 / 0.0099 - 1)).toBeLessThan(0.125);
  expect(max).toBe(0.01);
});

// biome-ignore format: one case a line
test.each([
  ['nothing at all',             []],
  ['what is early by rounding',  [-1e-9]],
  ['an hour',                    [3_600_000]],
  ['a month',                    [2_600_000_000]],
  ['a fraction of a microsecond', [0.0001]],
])('%s finds its place', (_name, values) => {
  const late = new LatenessHistogram();
  for (const value of values) late.record(value);
  const told = late.summary();
  if (values.length === 0) expect(told).toBeNull();
  else expect(told).toEqual({ p50: expect.any(Number), p99: expect.any(Number), max: Math.max(0, values[0]!) / 1000 });
  for (const value of Object.values(told ?? {})) expect(value).toBeLessThanOrEqual(told!.max);
});

test('what is saved and restored goes on', () => {
  const [from, to] = [new LatenessHistogram(), new LatenessHistogram()];
  from.record(1);
  from.record(3);
  to.restore(structuredClone(from.save()));
  expect(to.summary()).toEqual(from.summary());
});
