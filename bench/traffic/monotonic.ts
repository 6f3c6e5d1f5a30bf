/** CLOCK_MONOTONIC: the same in every process of the machine, so that one may stamp and another read. */
import process from 'node:process';

const origin = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds. */
export function monotonic(): number {
  return performance.now() + origin;
}

/** A time as a stamp: microseconds, 32 bits, never 0. */
export function stampOf(ms: number): number {
  return Math.floor(ms * 1000) >>> 0 || 1;
}

/** Microseconds from a stamp until `ms`, at least 1: what is less, or of the two clocks' rounding, is not told apart. */
export function sinceStamp(stamp: number, ms: number): number {
  return Math.max(1, (Math.floor(ms * 1000) - stamp) | 0);
}
