import { expect, test } from 'vitest';
import { countText, impairText, rateText, timeText } from './units.ts';

test.each([
  [0.01, '10ms'],
  [0.00025, '250us'],
  [1.5, '1.5s'],
  [0, '0us'],
])('%d s is %s', (seconds, text) => expect(timeText(seconds)).toBe(text));

test.each([
  [20e6, '20mbit'],
  [1.5e9, '1.5gbit'],
  [64_000, '64kbit'],
  [9, '9bit'],
])('%d bit/s is %s', (bits, text) => expect(rateText(bits)).toBe(text));

test.each([
  [9999, '9999'],
  [12_345, '12.3k'],
  [1_234_567, '1.23M'],
  [5e9, '5G'],
])('%d is counted as %s', (count, text) => expect(countText(count)).toBe(text));

test('an impairment is told in words, and nothing is told of none', () => {
  const none = { delay: 0, jitter: 0, loss: 0, rate: 0, limit: 1000, seed: 1 };
  expect(impairText(none)).toBe('');
  expect(impairText({ ...none, delay: 0.01, jitter: 0.002, loss: 0.005, rate: 2e7 })).toBe(
    'delay 10ms ±2ms, loss 0.5%, rate 20mbit',
  );
  const more = {
    lossGemodel: { p: 0.01 },
    duplicate: 0.1,
    corrupt: 0.001,
    reorder: 0.25,
    slot: { minDelay: 0.005 },
  };
  expect(impairText({ ...none, ...more })).toBe(
    'loss gemodel 1%, duplicate 10%, corrupt 0.1%, reorder 25%, slot 5ms',
  );
});
