import { VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { ReleaseTimer } from './release-timer.ts';

/** As Node: a delay that does not fit into 31 bits is no delay. */
class NodeLikeHost extends VirtualHost {
  set = 0;

  override setTimer(fn: () => void, delayMs: number): unknown {
    this.set++;
    return super.setTimer(fn, delayMs > 2 ** 31 - 1 ? 1 : delayMs);
  }
}

test('what is due in 115 days goes then, and costs a handful of timers on the way', () => {
  const host = new NodeLikeHost(1);
  const timer = new ReleaseTimer(host);
  const frame = {
    due: 1e10,
    wentAt: 0,
    release(now: number): number {
      if (now < this.due) return 0;
      this.wentAt = now;
      this.due = Number.POSITIVE_INFINITY;
      return 1;
    },
  };
  timer.arm(frame, frame.due, host.now());
  host.advance(100);
  expect(host.set).toBe(1);
  host.advance(1e10);
  expect(frame.wentAt).toBeGreaterThanOrEqual(1e10);
  expect(host.set).toBeLessThan(10);
});

/** A stream of frames, one every `every` ms, through a timer; how often it rang and how late frames were at most. */
function stream(every: number, ms: number): { rings: number; latest: number } {
  const host = new VirtualHost(1);
  const timer = new ReleaseTimer(host);
  let rings = 0;
  let latest = 0;
  const frames = {
    due: every,
    release(now: number): number {
      rings++;
      let count = 0;
      for (; this.due <= now; this.due += every) {
        latest = Math.max(latest, now - this.due);
        count++;
      }
      if (this.due > ms) this.due = Number.POSITIVE_INFINITY;
      return count;
    },
  };
  timer.arm(frames, frames.due, 0);
  host.advance(ms);
  return { rings, latest };
}

// biome-ignore format: one case a line
test.each([
  ['a frame in a millisecond: each goes when it is due',                      1,     0,   1000],
  ['two: some wait for others, a fifth of it at most',                      0.5,   0.2, 2000],
  ['twenty: half of it, so that batches stay batches',                      0.05,  0.5, 2100],
  ['a thousand: all of it',                                                0.001, 1.1, 1100],
])('%s', (_name, every, late, rings) => {
  const told = stream(every, 1000);
  expect(told.latest).toBeLessThanOrEqual(late + 0.001);
  expect(told.rings).toBeLessThanOrEqual(rings);
});

test('a host that has alarms is asked for them, and an earlier frame moves the one that is set', () => {
  const set: number[] = [];
  let cleared = 0;
  class AlarmHost extends VirtualHost {
    readonly alarms = {
      set: (_fn: () => void, delayMs: number) => set.push(delayMs),
      clear: () => {
        cleared++;
      },
    };
  }
  const host = new AlarmHost(1);
  const timer = new ReleaseTimer(host);
  const frame = { due: 5, release: () => 0 };
  timer.arm(frame, 5, 0);
  timer.arm(frame, 7, 0);
  expect([set, cleared]).toEqual([[5], 0]);
  timer.arm(frame, 0.7, 0);
  expect([set, cleared]).toEqual([[5, 0.7], 1]);
  timer.stop();
  expect(cleared).toBe(2);
});
