import { expect, test } from 'vitest';
import { meanFrame, parseCounters, since } from './interface-counters.ts';

const counters = (bytes: number, packets: number) => ({ bytes, packets, errors: 0, dropped: 1 });
const text = (rx: object) =>
  JSON.stringify([{ ifname: 'eth0', stats64: { rx, tx: { ...counters(10, 2), collisions: 0 } } }]);

test('both sides of an interface are read, and what another counter says is left', () => {
  const { rx, tx } = parseCounters(text(counters(3028, 2)));
  expect(rx).toEqual({ bytes: 3028, packets: 2, dropped: 1 });
  expect(tx).toEqual({ bytes: 10, packets: 2, dropped: 1 });
});

test('a counter that is missing is a mistake, not a zero', () => {
  expect(() => parseCounters(text({ bytes: 1 }))).toThrow('packets');
});

test('the mean frame of an interval has its header', () => {
  const interval = since(counters(4528 + 60, 4), counters(1560, 2));
  expect(meanFrame(interval)).toBe(1514);
  expect(meanFrame(since(counters(0, 1), counters(0, 1)))).toBe(0);
});
