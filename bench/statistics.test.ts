import { describe, expect, test } from 'vitest';
import { bootstrap95, jain, median, pairedRatios, spread } from './statistics.ts';

describe('statistics', () => {
  test('the median of an even number of values is the mean of the two in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([3, 1, 2])).toBe(2);
  });

  test('the spread tells median, least and most', () => {
    expect(spread([1, 3, 2], 1)).toBe('2.0 (1.0 to 3.0)');
  });

  test('equal shares are as fair as can be, and one that takes all is 1 in n', () => {
    expect(jain([5, 5, 5, 5])).toBe(1);
    expect(jain([20, 0, 0, 0])).toBe(0.25);
  });

  test('a ratio is of the two values of one round', () => {
    expect(pairedRatios([2, 9], [1, 3])).toEqual([2, 3]);
  });

  test('the interval of the median lies around it, and is the same each time', () => {
    const values = [9, 10, 10, 11, 12, 30];
    const [low, high] = bootstrap95(values);
    expect(low).toBeLessThanOrEqual(median(values));
    expect(high).toBeGreaterThanOrEqual(median(values));
    expect(bootstrap95(values)).toEqual([low, high]);
  });
});
