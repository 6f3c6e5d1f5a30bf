import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Retries } from './retries.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the wait doubles from 250 ms to 5 s, and begins anew after what has lasted for half a minute', () => {
  const retries = new Retries(() => {});
  const waits = Array.from({ length: 7 }, () => retries.later(1000));
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  expect([retries.later(31_000), retries.later(1000)]).toEqual([250, 500]);
});

test('it is tried again when the wait is over, once, and never once it was cancelled', () => {
  const again = vi.fn();
  const retries = new Retries(again);
  retries.later();
  retries.later();
  vi.advanceTimersByTime(499);
  expect(again).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10_000);
  expect(again).toHaveBeenCalledTimes(1);
  retries.later();
  retries.cancel();
  vi.advanceTimersByTime(10_000);
  expect(again).toHaveBeenCalledTimes(1);
});
