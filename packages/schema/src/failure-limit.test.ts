import { expect, test } from 'vitest';
import { FailureLimit } from './failure-limit.ts';

test('too many wrong tokens are forgiven after a while', () => {
  let now = 0;
  const limit = new FailureLimit({ allowed: 2, windowMs: 1000, now: () => now });
  limit.failed('a', 'x');
  expect(limit.waitSeconds('a')).toBe(0);
  limit.failed('a', 'y');
  expect([limit.waitSeconds('a'), limit.waitSeconds('b')]).toEqual([1, 0]);
  now = 1000;
  expect(limit.waitSeconds('a')).toBe(0);
});

test('the same wrong token again is no further guess, two in turn are', () => {
  const limit = new FailureLimit({ allowed: 3, now: () => 0 });
  for (let i = 0; i < 100; i++) limit.failed('a', 'old');
  expect(limit.waitSeconds('a')).toBe(0);
  for (const token of ['x', 'y']) limit.failed('a', token);
  expect(limit.waitSeconds('a')).toBeGreaterThan(0);
});

test('no more addresses are remembered than may be', () => {
  const limit = new FailureLimit({ allowed: 1, maxAddresses: 2, now: () => 0 });
  for (const address of ['a', 'b', 'c']) limit.failed(address, 'x');
  expect(['a', 'b', 'c'].map((address) => limit.waitSeconds(address) > 0)).toEqual([false, true, true]);
});
