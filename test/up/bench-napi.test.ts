/** `etherloom bench napi`: its counts, on real processes and WebSockets; what it measures in time is its user's to judge. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { etherloom } from '../support/program.ts';

interface Step {
  coalescing: 'off' | 'on';
  account: { offered: number; delivered: number; interrupts: number; drops: Record<string, number> };
}

const WORDS = ['bench', 'napi'];
const folder = mkdtempSync(join(tmpdir(), 'etherloom-bench-napi-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('with coalescing off each frame is an interrupt, with NAPI many share one, and every frame is accounted for', async () => {
  const plot = join(folder, 'plot.svg');
  const run = await etherloom([...WORDS, '-j', '--rates', '20k,200k', '--seconds', '0.3', '-o', plot]);
  expect(run.code).toBe(0);
  const steps = JSON.parse(run.stdout) as Step[];
  expect(steps.map((step) => step.coalescing)).toEqual(['off', 'off', 'on', 'on']);
  for (const { coalescing, account } of steps) {
    const lost = Object.values(account.drops).reduce((sum, n) => sum + n, 0);
    expect(account.delivered + lost).toBe(account.offered);
    expect(account.delivered).toBeGreaterThan(1000);
    if (coalescing === 'off') expect(account.interrupts).toBe(account.delivered);
  }
  const busiest = steps.at(-1)!.account;
  expect(busiest.delivered / busiest.interrupts).toBeGreaterThan(10);
  expect(readFileSync(plot, 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
});

// biome-ignore format: one mistake a line
test.each([
  [['--rates', '10x'],     /frames a second, with commas/],
  [['--rates', '0'],       /frames a second, with commas/],
  [['--seconds', '3600'],  /from 0.05 to 60/],
  [['--size', '10'],       /from 64 to 1518/],
])('%j is refused in a line', async (words, text) => {
  const run = await etherloom([...WORDS, ...words]);
  expect([run.code, run.stderr]).toEqual([1, expect.stringMatching(text)]);
});
