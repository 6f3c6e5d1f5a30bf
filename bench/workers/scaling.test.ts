import { expect, test } from 'vitest';
import { timesOneWorker } from './scaling.ts';

const span = (frames: number, ...cpu: number[]) => ({ wallSeconds: 1, frames, cpu });

test('two processes that each take half of the time forward twice as much', () => {
  expect(timesOneWorker({ two: span(1000, 0.5, 0.5), one: span(1000, 1) })).toBe(2);
});

test('what the process that listens does for the other counts against the pair', () => {
  expect(timesOneWorker({ two: span(1000, 0.625, 0.5), one: span(1000, 1) })).toBe(1.6);
});

test('when one process does everything, nothing is gained', () => {
  expect(timesOneWorker({ two: span(1000, 1, 0), one: span(1000, 1) })).toBe(1);
});

test('CPU time counts by frame, however many frames came in a span', () => {
  expect(timesOneWorker({ two: span(2000, 1, 1), one: span(1000, 1) })).toBe(2);
});
