import { expect, test } from 'vitest';
import { drawSteps } from './plot.ts';
import { conclusion, stepTable } from './report.ts';
import type { Step } from './sweep.ts';
import type { Coalescing } from './words.ts';

function step(coalescing: Coalescing, offered: number, delivered: number, interrupts: number): Step {
  const account = { offered, delivered, interrupts, drops: { LATE: offered - delivered } };
  return {
    coalescing,
    rate: offered,
    offered,
    delivered,
    interrupts,
    senderNs: 3000,
    receiverNs: 2000,
    account,
  };
}

const STEPS = [
  step('off', 1000, 1000, 1000),
  step('off', 1_000_000, 150_000, 150_000),
  step('on', 1000, 1000, 990),
  step('on', 1_000_000, 1_000_000, 2000),
];

test('where nothing drowned the words do not say that it did, and what to offer instead', () => {
  const calm = [step('off', 1000, 1000, 1000), step('on', 1000, 1000, 900)];
  expect(conclusion(calm)).toMatch(/No rate of this run was too much[\s\S]*--rates 200k,1M/);
  expect(conclusion(calm)).not.toMatch(/the rest is lost|times as many/);
});

test('an offer a little above a power of ten does not leave half of the plot empty', () => {
  const steps = [step('off', 10_000, 10_000, 10_000), step('on', 1_002_880, 998_629, 1900)];
  expect(drawSteps(steps)).not.toContain('>10 M<');
});

test('the plot has a line for what arrives and one for the interrupts of each mode, inside its frame', () => {
  const svg = drawSteps(STEPS);
  const lines = [...svg.matchAll(/<polyline points="([^"]+)"/g)].map((match) =>
    match[1]!.split(/[ ,]/).map(Number),
  );
  expect(lines).toHaveLength(4);
  expect(Math.min(...lines.flat())).toBeGreaterThanOrEqual(50);
  expect(Math.max(...lines.flat())).toBeLessThanOrEqual(640);
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(lines[0]).toEqual(lines[1]); // an interrupt a frame
});

test('the table says how many frames share an interrupt and what is lost', () => {
  expect(stepTable(STEPS).map((line) => line.split(/ {2,}/))).toMatchObject([
    [
      'coalescing',
      'offered/s',
      'delivered/s',
      'interrupts/s',
      'frames/interrupt',
      ...Array(3).fill(expect.anything()),
    ],
    ['off', '1,000', '1,000', '1,000', '1.0', '2,000', '3,000', '0.0 %'],
    ['off', '1,000,000', '150,000', '150,000', '1.0', '2,000', '3,000', '85.0 %'],
    ['on', '1,000', '1,000', '990', '1.0', '2,000', '3,000', '0.0 %'],
    ['on', '1,000,000', '1,000,000', '2,000', '500.0', '2,000', '3,000', '0.0 %'],
  ]);
  expect(conclusion(STEPS)).toMatch(
    /150,000 frames a second arrive at most[\s\S]*1,000,000 a second, 7 times/,
  );
});
