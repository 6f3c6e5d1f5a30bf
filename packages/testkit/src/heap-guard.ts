/** What a call costs in heap: the guard of "no allocation per frame". Needs node --expose-gc for a steady answer. */

const ROUNDS = 7;
const CALLS = 100_000;

/** Bytes of heap a call leaves behind: the median of seven rounds of 100,000 calls, after warming up. */
export function heapPerCall(fn: () => void): number {
  const growth: number[] = [];
  for (let i = 0; i < CALLS; i++) fn();
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < CALLS; i++) fn();
    growth.push((process.memoryUsage().heapUsed - before) / CALLS);
  }
  return growth.sort((a, b) => a - b)[ROUNDS >> 1]!;
}
