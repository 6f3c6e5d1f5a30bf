/** Quantities as `tc` reads and prints them where they differ from a link's: bytes, bytes/s, microseconds. */
import { z } from 'zod';
import { parseDuration, parseRate, quantityProblem } from './units.ts';

const SIZES = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1024],
  ['kb', 1024],
  ['m', 1024 ** 2],
  ['mb', 1024 ** 2],
  ['g', 1024 ** 3],
  ['gb', 1024 ** 3],
  ['kbit', 1024 / 8],
  ['mbit', 1024 ** 2 / 8],
  ['gbit', 1024 ** 3 / 8],
]);

/** `10k`, `1mb`, `1514` -> bytes, by tc's powers of two; null when it is none. */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)$/i.exec(text.trim());
  const scale = SIZES.get(match?.[2]?.toLowerCase() ?? '');
  return match === null || scale === undefined ? null : Math.floor(Number(match[1]) * scale);
}

interface TcUnit {
  readonly parse: (text: string) => number | null;
  readonly max: number;
  readonly byteRate?: number;
  /** To whole ones; tc cuts rates off. */
  readonly whole?: (value: number) => number;
  readonly accepts: string;
}

function tcUnit({ parse, max, byteRate, whole = Math.round, accepts }: TcUnit) {
  return z.union([z.number(), z.string()], { error: `write ${accepts}` }).transform((written, ctx) => {
    const value = typeof written === 'number' ? written : parse(written);
    const why = quantityProblem(value, { max, byteRate });
    if (why === null) return whole(value!) + 0;
    ctx.issues.push({
      code: 'custom',
      input: written,
      message: `${JSON.stringify(written)} ${why}: write ${accepts}`,
    });
    return z.NEVER;
  });
}

const scaled = (value: number | null, scale: number) => (value === null ? null : value * scale);

/** Bytes per second, as `tc -j` prints a rate; text is read in bits, as tc reads it. */
export const TcRate = tcUnit({
  parse: (text) => scaled(parseRate(text), 1 / 8),
  max: 1e15,
  // Why here: tc makes 0 of less, and 0 is "unlimited" to netem.
  byteRate: 1,
  whole: Math.floor,
  accepts: 'a rate in bits ("20mbit", "1gbit") or a number of bytes a second (2500000), 1 at least or 0',
});

export const TcSize = tcUnit({
  parse: parseSize,
  max: 0xffffffff,
  accepts: 'a size ("10kb", "1514") or a number of bytes',
});

/** Whole microseconds, as `tc -j` prints the times of tbf and fq_codel. */
export const TcUsecs = tcUnit({
  parse: (text) => scaled(parseDuration(text), 1e6),
  max: 0xffffffff,
  accepts: 'a time with its unit ("5ms", "100us") or a number of microseconds',
});
