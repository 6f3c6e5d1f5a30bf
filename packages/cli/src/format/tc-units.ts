/** Quantities as tc prints them. cf. iproute2 lib/utils.c: print_time, print_time64, print_rate; lib/json_print_math.c: sprint_size */
import { g } from './printf.ts';

const KILO = 1024;
const MEGA = KILO * KILO;

/** 10240 is "10Kb": near enough to a round one. */
export function sizeText(bytes: number): string {
  if (bytes >= MEGA && Math.abs(MEGA * Math.round(bytes / MEGA) - bytes) < 1024)
    return `${g(Math.round(bytes / MEGA))}Mb`;
  if (bytes >= KILO && Math.abs(KILO * Math.round(bytes / KILO) - bytes) < 16)
    return `${g(Math.round(bytes / KILO))}Kb`;
  return `${bytes}b`;
}

/** Three digits of microseconds, milliseconds or seconds. */
export function microsecondsText(microseconds: number): string {
  if (microseconds >= 1e6) return `${g(microseconds / 1e6, 3)}s`;
  if (microseconds >= 1e3) return `${g(microseconds / 1e3, 3)}ms`;
  return `${Math.floor(microseconds)}us`;
}

/** Three digits of nanoseconds up to seconds. */
export function secondsText(seconds: number): string {
  const nanoseconds = Math.round(seconds * 1e9);
  if (nanoseconds >= 1e9) return `${g(nanoseconds / 1e9, 3)}s`;
  if (nanoseconds >= 1e6) return `${g(nanoseconds / 1e6, 3)}ms`;
  if (nanoseconds >= 1e3) return `${g(nanoseconds / 1e3, 3)}us`;
  return `${nanoseconds}ns`;
}

/** Bytes a second, told in bits: 125000 is "1Mbit". A rate is cut to a greater unit where it is whole, or large. */
export function rateText(bytes: number): string {
  let bits = Math.floor(bytes) * 8;
  let unit = 0;
  while (unit < 4 && bits >= 1000 && (bits % 1000 === 0 || bits >= 1e6)) {
    bits = Math.floor(bits / 1000);
    unit++;
  }
  return `${bits}${['', 'K', 'M', 'G', 'T'][unit]}bit`;
}

export function percentText(fraction: number): string {
  return `${g(fraction * 100)}%`;
}
