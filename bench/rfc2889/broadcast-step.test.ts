import { expect, test } from 'vitest';
import { type Broadcast, climb, isClean, type Step } from './broadcast-step.ts';

const latency = { count: 9, mean: 1, p16: 1, p84: 1, max: 1, p50: 1, p99: 100_000, p999: 1 };
const account = { what: 'x', expected: 10, received: 10, drops: {} };

/** A switch that is clean at a pace as often as `clean` says, in turn. */
function made(clean: Record<number, boolean[]>): { asked: number[]; broadcast: Broadcast } {
  const asked: number[] = [];
  const broadcast = async (copies: number): Promise<Step> => {
    asked.push(copies);
    const cpu = { process: 'x', seconds: 1, wallSeconds: 1 };
    return { copiesPerSecond: copies, latency, account, cpu, clean: clean[copies]?.shift() ?? true };
  };
  return { asked, broadcast };
}

test('one hiccup does not end the climb, two at one pace do', async () => {
  const { asked, broadcast } = made({ 2: [false, true], 3: [false, false] });
  const steps = await climb(broadcast, [1, 2, 3, 4], 1);
  expect(asked).toEqual([1, 1, 2, 2, 3, 3]);
  expect(steps.findLast(({ clean }) => clean)?.copiesPerSecond).toBe(2);
});

test('clean is no copy lost, the pace kept, and a p99 of 100 ms or less that was seen', () => {
  expect(isClean(account, latency, true)).toBe(true);
  expect(isClean({ ...account, received: 9 }, latency, true)).toBe(false);
  expect(isClean(account, { ...latency, p99: 100_001 }, true)).toBe(false);
  expect(isClean(account, { ...latency, count: 0 }, true)).toBe(false);
  expect(isClean(account, latency, false)).toBe(false);
});
