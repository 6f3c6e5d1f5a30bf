/** Quantities as people write them: in as text or number, out as seconds, fractions, bit/s. */
import { z } from 'zod';

const SECONDS = new Map([
  ['ns', 1e-9],
  ['us', 1e-6],
  ['µs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['min', 60],
  ['h', 3600],
]);
const BITS = new Map([
  ['', 1],
  ['bit', 1],
  ['kbit', 1e3],
  ['mbit', 1e6],
  ['gbit', 1e9],
  ['tbit', 1e12],
  ['kibit', 2 ** 10],
  ['mibit', 2 ** 20],
  ['gibit', 2 ** 30],
]);
const FRACTIONS = new Map([
  ['', 1],
  ['%', 1e-2],
]);

const QUANTITY = /^(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?\s*([a-zµ%/]*)$/i;

function parseQuantity(text: string, units: ReadonlyMap<string, number>): number | null {
  const match = QUANTITY.exec(text.trim());
  if (match === null) return null;
  const scale = units.get(match[3]!.toLowerCase().replace(/\/s$/, ''));
  const value = Number(match[1]! + (match[2] ?? ''));
  if (scale === undefined || !Number.isFinite(value)) return null;
  // Why here: 0.1 * 1e-3 is 0.00010000000000000002, and people compare what they get with what they wrote.
  return Number((value * scale).toPrecision(15));
}

/** `10ms`, `1.5s`, `250us` -> seconds; null when it is none. A bare number in text is refused: tc reads it as microseconds. */
export function parseDuration(text: string): number | null {
  return /\/s$/i.test(text) ? null : parseQuantity(text, SECONDS);
}

/** `0.5%`, `0.005` -> 0.005; null when it is none. */
export function parseFraction(text: string): number | null {
  return /\/s$/i.test(text) ? null : parseQuantity(text, FRACTIONS);
}

/** `20mbit`, `1gbit/s`, `64000` -> bit/s; null when it is none. */
export function parseRate(text: string): number | null {
  return parseQuantity(text, BITS);
}

interface UnitRule {
  readonly parse: (text: string) => number | null;
  readonly max: number;
  /** A byte a second, for a rate: less, but 0, would be rounded to nothing on the way. */
  readonly byteRate?: number | undefined;
  readonly accepts: string;
  readonly description: string;
  readonly examples: (string | number)[];
}

/** Why a quantity is refused; null when it is not. */
export function quantityProblem(
  value: number | null,
  { max, byteRate = 0 }: Pick<UnitRule, 'max' | 'byteRate'>,
): string | null {
  if (value === null) return 'is not understood';
  if (!(value >= 0 && value <= max)) return `is outside 0 to ${max}`;
  return value > 0 && value < byteRate ? 'is less than a byte a second' : null;
}

function unit(rule: UnitRule) {
  return z
    .union([z.number(), z.string()], { error: `write ${rule.accepts}` })
    .transform((written, ctx) => {
      const value = typeof written === 'number' ? written : rule.parse(written);
      const why = quantityProblem(value, rule);
      // Why the sum: -0 is 0, and a lab with the one is no other than a lab with the other.
      if (why === null) return value! + 0;
      ctx.issues.push({
        code: 'custom',
        input: written,
        message: `${JSON.stringify(written)} ${why}: write ${rule.accepts}`,
      });
      return z.NEVER;
    })
    .pipe(z.number())
    .meta({ description: rule.description, examples: rule.examples });
}

export const Duration = unit({
  parse: parseDuration,
  max: 1e7,
  accepts: 'a time with its unit ("10ms", "1.5s", "250us", "2min") or a number of seconds (0.01)',
  description: 'A time: text with its unit ("10ms", "1.5s", "250us") or a number of seconds.',
  examples: ['10ms', 0.01],
});

export const Fraction = unit({
  parse: parseFraction,
  max: 1,
  accepts: 'a percentage ("0.5%") or a fraction from 0 to 1 (0.005)',
  description: 'A share: text in percent ("0.5%") or a fraction from 0 to 1.',
  examples: ['0.5%', 0.005],
});

export const Rate = unit({
  parse: parseRate,
  max: 1e15,
  byteRate: 8,
  accepts:
    'a rate in bits ("20mbit", "1gbit", "64kbit") or a number of bit/s, 8 at least or 0; "mbps" is refused, tc reads it as bytes',
  description: 'A rate: text ("20mbit", "1gbit", "64kbit") or a number of bit/s.',
  examples: ['20mbit', 20_000_000],
});
