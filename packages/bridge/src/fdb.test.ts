import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fdb } from './fdb.ts';
import { FDB_DYNAMIC, FDB_STATIC, NO_PORT } from './fdb-table.ts';

function mac(n: number): Uint8Array {
  return Uint8Array.of(0x02, 0, n >>> 24, n >>> 16, n >>> 8, n);
}

test('a full table refuses new stations, counts them, and keeps those it has', () => {
  const fdb = new Fdb(4);
  for (let n = 0; n < 4; n++) expect(fdb.learn(mac(n), 0, n, 0)).toBe(true);
  expect(fdb.learn(mac(9), 0, 9, 1)).toBe(false);
  expect(fdb.full).toBe(1);
  expect(fdb.lookup(mac(9), 0, 1)).toBe(NO_PORT);
  expect([0, 1, 2, 3].map((n) => fdb.lookup(mac(n), 0, 1))).toEqual([0, 1, 2, 3]);
});

test('a full table makes room by forgetting the expired, at most once a second', () => {
  const fdb = new Fdb(4);
  fdb.ageing = 1000;
  for (let n = 0; n < 4; n++) fdb.learn(mac(n), 0, n, n * 200);
  expect(fdb.learn(mac(9), 0, 9, 999)).toBe(false); // swept, and nothing had expired
  expect(fdb.learn(mac(9), 0, 9, 1500)).toBe(false);
  expect(fdb.learn(mac(9), 0, 9, 1999)).toBe(true);
});

test('capacity is exact at 8192', () => {
  const fdb = new Fdb();
  for (let n = 0; n < 10_000; n++) fdb.learn(mac(n * 2_654_435), 0, n % 7, 0);
  expect(fdb.count).toBe(8192);
  expect(fdb.full).toBe(10_000 - 8192);
});

test('flushing a port keeps the others, and what was set by hand', () => {
  const fdb = new Fdb();
  fdb.learn(mac(1), 0, 1, 0);
  fdb.learn(mac(2), 0, 2, 0);
  fdb.add(mac(3), 0, 1, FDB_STATIC, 0);
  fdb.flushPort(1);
  expect([1, 2, 3].map((n) => fdb.lookup(mac(n), 0, 0))).toEqual([NO_PORT, 2, 1]);
  fdb.flushPort(1, true);
  expect(fdb.lookup(mac(3), 0, 0)).toBe(NO_PORT);
});

test('a dump names every live entry with its age', () => {
  const fdb = new Fdb();
  fdb.learn(mac(0x01020304), 0, 5, 100);
  expect(fdb.entries(350)).toEqual([{ mac: '02:00:01:02:03:04', port: 5, state: FDB_DYNAMIC, age: 250 }]);
  expect(fdb.entries(400_000)).toEqual([]);
});

test('deleting asks for the port when one is named', () => {
  const fdb = new Fdb();
  fdb.learn(mac(1), 0, 1, 0);
  expect(fdb.delete(mac(1), 0, 2)).toBe(false);
  expect(fdb.delete(mac(1), 0, 1)).toBe(true);
  expect(fdb.delete(mac(1), 0)).toBe(false);
});

describe('against a plain model', () => {
  interface Known {
    port: number;
    at: number;
    fixed: boolean;
  }
  interface World {
    fdb: Fdb;
    model: Map<number, Known>;
    now: number;
  }
  type Step = (w: World) => void;
  const station = fc.integer({ min: 0, max: 40 }).map((n) => (n % 2 ? n : n << 20));
  const port = fc.integer({ min: 1, max: 4 });
  const alive = (w: World, k: Known | undefined) => k !== undefined && (k.fixed || w.now - k.at < 100);

  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.tuple(station, port).map(
      ([s, p]): Step =>
        (w) => {
          w.fdb.learn(mac(s), 0, p, w.now);
          const known = w.model.get(s);
          w.model.set(s, { port: p, at: w.now, fixed: known?.fixed ?? false });
        },
    ),
    fc.tuple(station, port).map(
      ([s, p]): Step =>
        (w) => {
          w.fdb.add(mac(s), 0, p, FDB_STATIC, w.now);
          w.model.set(s, { port: p, at: w.now, fixed: true });
        },
    ),
    station.map(
      (s): Step =>
        (w) => {
          w.fdb.delete(mac(s), 0);
          w.model.delete(s);
        },
    ),
    port.map(
      (p): Step =>
        (w) => {
          w.fdb.flushPort(p);
          for (const [s, k] of w.model) if (k.port === p && !k.fixed) w.model.delete(s);
        },
    ),
    fc.constant<Step>((w) => {
      w.fdb.age(w.now);
      for (const [s, k] of w.model) if (!alive(w, k)) w.model.delete(s);
    }),
    fc.integer({ min: 1, max: 70 }).map(
      (ms): Step =>
        (w) => {
          w.now += ms;
        },
    ),
  );

  function compare(w: World): void {
    for (let n = 0; n <= 40; n++) {
      const s = n % 2 ? n : n << 20;
      const known = w.model.get(s);
      expect(w.fdb.lookup(mac(s), 0, w.now)).toBe(alive(w, known) ? known!.port : NO_PORT);
    }
    expect(w.fdb.count).toBe(w.model.size);
  }

  test('any sequence of operations finds what the model finds', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const w: World = { fdb: new Fdb(64), model: new Map(), now: 0 };
        w.fdb.ageing = 100;
        for (const run of steps) {
          run(w);
          compare(w);
        }
      }),
    );
  });
});
