import { expect, test } from 'vitest';
import { descendants } from './descendants.ts';

test('children and their children are found, and nobody else', () => {
  const parents = new Map([
    [2, 1],
    [3, 2],
    [4, 3],
    [5, 1],
    [6, 3],
  ]);
  expect(descendants(2, parents).sort()).toEqual([3, 4, 6]);
  expect(descendants(5, parents)).toEqual([]);
});
