import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Dql } from './dql.ts';

/** A wire that takes `perMs` bytes a millisecond from a queue that always has packets of `size`. */
function saturate(dql: Dql, size: number, perMs: number, rounds: number): void {
  for (let now = 0; now < rounds; now++) {
    while (dql.avail() >= 0) dql.queued(size);
    dql.completed(Math.min(perMs, (dql.numQueued - dql.numCompleted) | 0), now);
  }
}

describe('the limit', () => {
  test('grows until the wire never starves', () => {
    const dql = new Dql();
    dql.queued(1500);
    dql.completed(1500, 0);
    expect(dql.limit).toBe(1500); // from nothing to what went, at once
    saturate(dql, 1500, 15_000, 200);
    expect(dql.limit).toBeGreaterThanOrEqual(15_000 - 1500);
  });

  test('shrinks by the slack once it has been there for a second', () => {
    const dql = new Dql();
    saturate(dql, 1500, 150_000, 50);
    const grown = dql.limit;
    saturate(dql, 1500, 1500, 5000);
    expect(dql.limit).toBeLessThan(grown);
  });

  test('keeps to its bounds', () => {
    const dql = new Dql();
    dql.maxLimit = 4000;
    saturate(dql, 1500, 100_000, 50);
    expect(dql.limit).toBe(4000);
    dql.reset(0);
    expect([dql.limit, dql.avail()]).toEqual([0, 0]);
  });
});

test('whatever comes and goes, the counters wrap without losing a byte', () => {
  const steps = fc.array(fc.tuple(fc.nat(65_535), fc.nat(100)), { maxLength: 50 });
  fc.assert(
    fc.property(steps, fc.constantFrom(0, 0x7fff_0000, -2), (pairs, start) => {
      const dql = new Dql();
      dql.numQueued = dql.numCompleted = dql.adjLimit = start;
      let inFlight = 0;
      for (const [bytes, percent] of pairs) {
        dql.queued(bytes);
        inFlight += bytes;
        const done = Math.floor((inFlight * percent) / 100);
        dql.completed(done, 0);
        inFlight -= done;
        expect((dql.numQueued - dql.numCompleted) | 0).toBe(inFlight);
        expect(dql.avail()).toBe(dql.limit - inFlight);
      }
    }),
  );
});
