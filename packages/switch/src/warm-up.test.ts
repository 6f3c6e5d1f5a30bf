import { expect, test } from 'vitest';
import { warmUp } from './warm-up.ts';

test('frames of its own cross a LAN of its own, once in a process', async () => {
  const frames = await warmUp();
  expect(frames).toBeGreaterThan(10);
  expect(await warmUp()).toBe(frames);
});
