import { describe, expect, test } from 'vitest';
import { betterPlace, placeUnits, type WorkerLoad } from './placement.ts';
import type { Unit } from './unit-state.ts';

const units = (...keys: string[]): Map<string, Unit> =>
  new Map(keys.map((key) => [key, { key, lan: null, links: [] }]));

describe('a unit', () => {
  // biome-ignore format: one case a line
  test.each([
    ['that is alone is with the process that listens',      ['a'],                {},                 4, { a: 0 }],
    ['more goes where nobody is yet',                       ['a', 'b', 'c'],      {},                 4, { a: 0, b: 1, c: 2 }],
    ['more than there are workers goes where the fewest are', ['a', 'b', 'c'],    {},                 2, { a: 0, b: 1, c: 0 }],
    ['that has a place keeps it, whatever comes and goes',  ['c', 'b', 'd'],      { a: 0, b: 1, c: 0 }, 2, { c: 0, b: 1, d: 0 }],
  ] as const)('%s', (_name, keys, before, workers, want) => {
    const places = placeUnits(units(...keys), new Map(Object.entries(before)), workers);
    expect(Object.fromEntries(places)).toEqual(want);
  });
});

function load(worker: number, core: number, moving: Record<string, number>, fixed = 0): WorkerLoad {
  const frames = Object.values(moving).reduce((sum, n) => sum + n, fixed);
  return { worker, core, frames, units: new Map(Object.entries(moving)) };
}

describe('a move', () => {
  // biome-ignore format: one case a line
  test.each([
    ['takes one of two busy units to the idle worker',   [load(0, 1, { a: 50, b: 50 }), load(1, 0, {})],             { key: 'a', to: 1 }],
    ['takes the one that fits best',                     [load(0, 1, { a: 70, b: 30 }), load(1, 0.4, { c: 9 })],     { key: 'b', to: 1 }],
    ['goes to the idlest',                               [load(0, 0.5, {}), load(1, 1, { a: 5, b: 5 }), load(2, 0, {})], { key: 'a', to: 2 }],
    ['of the only busy unit helps nobody',               [load(0, 1, { a: 100, b: 0 }), load(1, 0, {})],             null],
    ['is not worth it while no worker is busy',          [load(0, 0.5, { a: 50, b: 50 }), load(1, 0, {})],           null],
    ['is not worth it between two that are both busy',   [load(0, 1, { a: 50, b: 50 }), load(1, 0.8, {})],           null],
    ['leaves units that impair where they are',          [load(0, 1, {}, 100), load(1, 0, {})],                      null],
  ] as const)('%s', (_name, loads, want) => {
    expect(betterPlace(loads)).toEqual(want);
  });
});
