import { expect, test } from 'vitest';
import * as reasons from './drop-reason.ts';
import { dropsByReason, SKB_DROP_REASON_MAX, skbDropReasonName } from './drop-reason.ts';

const CONSTANTS = Object.entries(reasons).filter(
  ([name, value]) =>
    name.startsWith('SKB_DROP_REASON_') && name !== 'SKB_DROP_REASON_MAX' && Number.isInteger(value),
);

test.each(CONSTANTS)('%s is the number of that name', (name, value) => {
  expect(`SKB_DROP_REASON_${skbDropReasonName(value as number)}`).toBe(name);
});

test('no two reasons share a number, and each has a counter', () => {
  const numbers = CONSTANTS.map(([, value]) => value as number);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(Math.max(...numbers)).toBeLessThan(SKB_DROP_REASON_MAX);
});

test('a table of drops is told by name, what never happened left out', () => {
  const drops = new Float64Array(SKB_DROP_REASON_MAX);
  drops[reasons.SKB_DROP_REASON_PKT_TOO_BIG] = 3;
  expect(dropsByReason(drops)).toEqual({ PKT_TOO_BIG: 3 });
  expect(skbDropReasonName(9999)).toBe('UNKNOWN_9999');
});
