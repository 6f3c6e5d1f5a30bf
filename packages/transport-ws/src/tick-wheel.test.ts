import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TickWheel } from './tick-wheel.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('each ticks once a period, not all in one step, and nothing is left when the last has gone', () => {
  const wheel = new TickWheel(1000, 10);
  const ticks = Array.from({ length: 20 }, () => 0);
  const leave = ticks.map((_, i) => wheel.join(() => ticks[i]!++));
  vi.advanceTimersByTime(100);
  expect(ticks.filter((n) => n === 1)).toHaveLength(2);
  vi.advanceTimersByTime(2900);
  expect(new Set(ticks)).toEqual(new Set([3]));
  for (const end of leave) end();
  expect(vi.getTimerCount()).toBe(0);
  leave[0]!(); // again: nothing
  wheel.join(() => ticks[0]!++);
  vi.advanceTimersByTime(1000);
  expect(ticks[0]).toBe(4);
});

test('one that leaves while ticking takes no other along', () => {
  const wheel = new TickWheel(1000, 1);
  let ticks = 0;
  const leave = wheel.join(() => leave());
  wheel.join(() => ticks++);
  vi.advanceTimersByTime(3000);
  expect(ticks).toBe(3);
});
