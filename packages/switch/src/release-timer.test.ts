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
    release(now: number) {
      if (now < this.due) return;
      this.wentAt = now;
      this.due = Number.POSITIVE_INFINITY;
    },
  };
  timer.arm(frame, frame.due, host.now());
  host.advance(100);
  expect(host.set).toBe(1);
  host.advance(1e10);
  expect(frame.wentAt).toBeGreaterThanOrEqual(1e10);
  expect(host.set).toBeLessThan(10);
});
