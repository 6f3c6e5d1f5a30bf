import process from 'node:process';
import { expect, test } from 'vitest';
import { warmUp } from './warm-up.ts';

test.runIf(process.platform === 'linux')(
  'frames of its own go through a tap, a cable and back, and what carried them is gone afterwards',
  async () => {
    const frames = await warmUp();
    expect(frames).toBeGreaterThan(10);
    expect(await warmUp()).toBe(frames);
  },
);
