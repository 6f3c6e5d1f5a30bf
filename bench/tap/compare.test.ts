import { expect, test } from 'vitest';
import type { Cable } from '../rivals/cable.ts';
import { compare } from './compare.ts';

const cable = (id: string): Cable => ({ rival: { id, title: id.toUpperCase() } }) as Cable;

test('a ratio is that of one round, ours to the rival', () => {
  const quantity = { id: 'tcp', label: 'TCP', unit: 'Gbit/s', suffix: 'gbit', better: 'more' } as const;
  const values = new Map([
    [cable('etherloom'), [4, 6]],
    [cable('vde'), [2, 1]],
  ]);
  const found = compare(quantity, values).map(({ id, samples }) => [id, samples]);
  expect(found).toEqual([
    ['tcp-etherloom-gbit', [4, 6]],
    ['tcp-vde-gbit', [2, 1]],
    ['tcp-vs-vde', [2, 6]],
  ]);
});
