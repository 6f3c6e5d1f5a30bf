/** What a call costs in heap: the guard of "no allocation per frame". Needs node --expose-gc for a steady answer. */

const MAX_ROUNDS = 30;
/** The compiler works beside the test: on a busy machine its code comes late, and until then numbers are objects. */
const PATIENCE_MS = 10_000;
const CALLS = 100_000;
const WARM_UP = 2 * CALLS;

export interface HeapGuardOptions {
  /** Bytes a call: a round below it is clean. Nothing that every call allocates is smaller than 1. */
  readonly clean?: number;
  readonly rounds?: number;
  /** Milliseconds in which rounds beyond those are tried. */
  readonly patience?: number;
}

/**
 * Bytes of heap a call leaves behind, by the least of rounds of 100,000 calls: thirty, or as many as ten seconds have.
 * Stops at the first clean one.
 * What the call allocates shows in every round. The runtime adds 100 to 250 KB to the first rounds after a collection,
 * and the longer the more the machine has to do (measured under vitest, with an empty call), but not to all.
 */
export function heapPerCall(
  fn: () => void,
  { clean = 1, rounds = MAX_ROUNDS, patience = PATIENCE_MS }: HeapGuardOptions = {},
): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < WARM_UP; i++) fn();
  const end = performance.now() + patience;
  for (let round = 0; least >= clean && (round < rounds || performance.now() < end); round++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < CALLS; i++) fn();
    const growth = (process.memoryUsage().heapUsed - before) / CALLS;
    if (growth >= 0) least = Math.min(least, growth); // less than nothing: a collection came in between
  }
  return least;
}
