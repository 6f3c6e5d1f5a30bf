import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Mulberry32 } from '../mulberry32.ts';
import { NETEM_DUPLICATE, NETEM_LOST, NETEM_OVERLIMIT, NETEM_PASS, NetemModel } from './netem-model.ts';
import { NETEM_NONE, type NetemParams } from './netem-params.ts';
import { TimeQueue } from './time-queue.ts';

function netem(params: Partial<NetemParams>, seed = 1): NetemModel {
  const model = new NetemModel(new Mulberry32(seed));
  model.configure({ ...NETEM_NONE, ...params });
  return model;
}

describe('loss and duplication', () => {
  test.each([0.001, 0.01, 0.1, 0.5])(
    'a loss of %f stays within the 99.9 % interval of a million frames',
    (loss) => {
      const model = netem({ loss }, 42);
      const n = 1_000_000;
      let lost = 0;
      for (let i = 0; i < n; i++) if (model.judge(0, false) === NETEM_LOST) lost++;
      expect(Math.abs(lost - n * loss)).toBeLessThan(3.29 * Math.sqrt(n * loss * (1 - loss)));
    },
  );

  test('losses come one by one: bursts are as long as chance makes them', () => {
    const model = netem({ loss: 0.2 }, 7);
    let bursts = 0;
    let lost = 0;
    let before = 1;
    for (let i = 0; i < 200_000; i++) {
      const count = model.judge(0, false);
      if (count === NETEM_LOST) {
        lost++;
        if (before !== NETEM_LOST) bursts++;
      }
      before = count;
    }
    expect(lost / bursts).toBeCloseTo(1 / (1 - 0.2), 1);
  });

  test('a duplicate and a loss of the same frame leave one copy', () => {
    expect(netem({ duplicate: 1, loss: 1 }).judge(0, false)).toBe(NETEM_PASS);
    expect(netem({ duplicate: 1 }).judge(0, false)).toBe(NETEM_PASS | NETEM_DUPLICATE);
    expect(netem({ loss: 1 }).judge(0, false)).toBe(NETEM_LOST);
  });

  test('the same seed makes the same decisions', () => {
    const run = () => {
      const model = netem({ loss: 0.3, duplicate: 0.1, delay: 5, jitter: 2 }, 99);
      return Array.from({ length: 200 }, (_, i) => [model.judge(0, false), model.due(100, i)]);
    };
    expect(run()).toEqual(run());
  });
});

describe('limit', () => {
  test('a full queue takes no frame and no copy', () => {
    expect(netem({ limit: 3 }).judge(2, false)).toBe(NETEM_PASS);
    expect(netem({ limit: 3 }).judge(3, false)).toBe(NETEM_OVERLIMIT);
    expect(netem({ limit: 3, duplicate: 1 }).judgeCopy(3, false)).toBe(NETEM_OVERLIMIT);
  });

  test('the default is netem’s 1000 where there is a rate, and room for a fast link where there is none', () => {
    expect(netem({ rate: 1e6 }).limit).toBe(1000);
    expect(netem({ delay: 300 }).limit).toBe(100_000);
  });
});

describe('delay, jitter and rate', () => {
  test('jitter is uniform around the delay and never beyond it', () => {
    const model = netem({ delay: 10, jitter: 4 }, 5);
    const n = 100_000;
    let sum = 0;
    let squares = 0;
    let beyond = 0;
    for (let i = 0; i < n; i++) {
      const d = model.due(100, i) - i;
      if (d < 6 || d >= 14) beyond++;
      sum += d - 10;
      squares += (d - 10) ** 2;
    }
    expect(beyond).toBe(0);
    expect(sum / n).toBeCloseTo(0, 1);
    expect(Math.sqrt(squares / n)).toBeCloseTo(4 / Math.sqrt(3), 1);
  });

  test('jitter longer than the delay makes no frame leave before it came', () => {
    const model = netem({ delay: 1, jitter: 10 }, 5);
    for (let i = 0; i < 1000; i++) expect(model.due(100, i)).toBeGreaterThanOrEqual(i);
  });

  test('a rate spaces frames by exactly their length', () => {
    const model = netem({ rate: 8_000_000 }); // a byte a microsecond
    expect([1500, 500, 1000].map((length) => model.due(length, 100))).toEqual([101.5, 102, 103]);
    expect(model.due(1000, 200)).toBe(201);
  });

  test('a delay is not paid again by a frame that waits for the wire', () => {
    const model = netem({ rate: 8_000_000, delay: 10 });
    expect(model.due(1000, 0)).toBe(11);
    expect(model.due(1000, 0)).toBe(12);
    expect(model.due(1000, 5)).toBe(16);
  });

  test('a rate keeps frames in order whatever the jitter', () => {
    const model = netem({ rate: 1e9, delay: 5, jitter: 5 });
    let last = 0;
    for (let i = 0; i < 1000; i++) {
      const due = model.due(64, i / 100);
      expect(due).toBeGreaterThan(last);
      last = due;
    }
  });

  test('new settings leave the times already given alone and hold for the next frame', () => {
    const model = netem({ delay: 10 });
    const first = model.due(100, 0);
    model.configure({ ...NETEM_NONE, delay: 2 });
    expect(first).toBe(10);
    expect(model.due(100, 1)).toBe(3);
  });

  test('a delay costs no throughput: a frame a microsecond goes in and one comes out', () => {
    const model = netem({ delay: 50 });
    const queue = new TimeQueue();
    let out = 0;
    for (let i = 0; i < 200_000; i++) {
      const now = i / 1000;
      if (model.judge(queue.length, false) === NETEM_PASS) queue.push(model.due(64, now));
      while (queue.peek() <= now) {
        queue.pop();
        out++;
      }
    }
    expect(queue.length).toBe(50_000);
    expect(out).toBe(150_000);
  });
});

describe('the time queue', () => {
  test('what was pushed comes back by time, and in order of arrival among equals', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 300 }), (times) => {
        const queue = new TimeQueue();
        const held = new Map<number, number>();
        times.forEach((time, i) => {
          const slot = queue.push(time);
          expect(held.has(slot)).toBe(false);
          held.set(slot, i);
        });
        const popped: number[] = [];
        for (let slot = queue.pop(); slot >= 0; slot = queue.pop()) popped.push(held.get(slot)!);
        const want = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);
        expect(popped).toEqual(want);
      }),
    );
  });

  test('slots in use are never handed out twice while pushes and pops alternate', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 9 })), { maxLength: 400 }), (ops) => {
        const queue = new TimeQueue();
        const used = new Set<number>();
        for (const time of ops) {
          if (time === null) used.delete(queue.pop());
          else {
            const slot = queue.push(time);
            expect(used.has(slot)).toBe(false);
            used.add(slot);
          }
          expect(queue.length).toBe(used.size);
        }
      }),
    );
  });
});
