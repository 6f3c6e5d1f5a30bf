import { VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { FakeSwitch, frameOf, noOf } from './testing.ts';

test('a port that stops reading delays nobody, stays within its bounds, and resumes with fresh frames', async () => {
  const limits = { frames: 500, bytes: 1 << 20, age: 1000, highWater: 4096 };
  const sw = new FakeSwitch(new VirtualHost(1), limits);
  const [h1, h2, h3] = sw.office();
  h2.stall(true);
  for (let ms = 0; ms < 5000; ms += 10) {
    h1.send(Array.from({ length: 10 }, (_, i) => frameOf(1, 255, 64, ms + i)));
    sw.host.advance(10);
    expect(h3.rx).toBe(ms + 10);
    expect(sw.fabric.port('h2:eth0').queue.frames).toBeLessThanOrEqual(500);
  }
  h2.frames = [];
  h2.stall(false);
  sw.host.runTurns();
  // What the socket had taken is old; from the queue comes nothing older than a second.
  const fromQueue = h2.frames.slice(Math.ceil(4096 / 68) + 10);
  expect(fromQueue.length).toBeGreaterThan(300);
  expect(Math.min(...fromQueue.map(noOf))).toBeGreaterThanOrEqual(4000 - 10);
  const { reverse, balanced } = await sw.stats('h2-eth0--office');
  expect(reverse).toMatchObject({ tx: 5000, queue: 0 });
  expect(reverse.drops['QUEUE_AGE']).toBeGreaterThan(1000);
  expect(reverse.drops['QUEUE_FRAMES']).toBeGreaterThan(1000);
  expect(balanced).toBe(true);
});
