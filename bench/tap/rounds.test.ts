import { expect, test } from 'vitest';
import { turns } from './rounds.ts';

test('each round begins with another cable, and has them all', () => {
  expect(turns(['a', 'b', 'c'], 4)).toEqual([
    ['a', 'b', 'c'],
    ['b', 'c', 'a'],
    ['c', 'a', 'b'],
    ['a', 'b', 'c'],
  ]);
});
