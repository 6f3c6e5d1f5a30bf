/** What a call costs in heap: the guard of "no allocation per frame". Needs node --expose-gc for a steady answer. */

const ROUNDS = 7;
const CALLS = 100_000;
/** Enough for the optimising compiler, whose own memory would count otherwise. */
const WARM_UP = 2 * CALLS;

/**
 * Bytes of heap a call leaves behind: the lower quartile of seven rounds of 100,000 calls. What the call allocates
 * shows in every round; the runtime's own 100 KB now and then (measured under vitest, with an empty call) does not.
 */
export function heapPerCall(fn: () => void): number {
  const growth: number[] = [];
  for (let i = 0; i < WARM_UP; i++) fn();
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < CALLS; i++) fn();
    growth.push((process.memoryUsage().heapUsed - before) / CALLS);
  }
  return growth.sort((a, b) => a - b)[ROUNDS >> 2]!;
}
