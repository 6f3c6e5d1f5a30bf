/**
 * Quantities as tc reads them. Each reader answers null to what tc calls illegal.
 * cf. iproute2 lib/utils_math.c: get_rate64, get_size64; lib/utils.c: get_time; tc/tc_util.c: parse_percent
 */
const NUMBER = /^\s*(0x[\da-f]+|[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(.*)$/is;
const MAX_U32 = 0xffff_ffff;

const TIMES: Readonly<Record<string, number>> = {
  s: 1, sec: 1, secs: 1,
  ms: 1e-3, msec: 1e-3, msecs: 1e-3,
  us: 1e-6, usec: 1e-6, usecs: 1e-6, '': 1e-6,
  ns: 1e-9, nsec: 1e-9, nsecs: 1e-9,
}; // biome-ignore format: a table

const RATES: Readonly<Record<string, number>> = {
  '': 1, bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9, tbit: 1e12,
  kibit: 2 ** 10, mibit: 2 ** 20, gibit: 2 ** 30, tibit: 2 ** 40,
  bps: 8, kbps: 8e3, mbps: 8e6, gbps: 8e9, tbps: 8e12,
  kibps: 8 * 2 ** 10, mibps: 8 * 2 ** 20, gibps: 8 * 2 ** 30, tibps: 8 * 2 ** 40,
}; // biome-ignore format: a table

const SIZES: Readonly<Record<string, number>> = {
  '': 1, b: 1, k: 2 ** 10, kb: 2 ** 10, m: 2 ** 20, mb: 2 ** 20, g: 2 ** 30, gb: 2 ** 30,
  kbit: 2 ** 7, mbit: 2 ** 17, gbit: 2 ** 27,
}; // biome-ignore format: a table

/** Number and unit, the unit in lower case. */
function split(text: string): readonly [value: number, unit: string] | null {
  const found = NUMBER.exec(text);
  return found === null ? null : [Number(found[1]), found[2]!.toLowerCase()];
}

function scaled(text: string, units: Readonly<Record<string, number>>): number | null {
  const [value, unit] = split(text) ?? [0, 'none'];
  const scale = Object.hasOwn(units, unit) ? units[unit]! : null;
  return scale === null || value < 0 || !Number.isFinite(value) ? null : value * scale;
}

/** Seconds; a plain number is microseconds. */
export function readTime(text: string): number | null {
  const seconds = scaled(text, TIMES);
  return seconds === null ? null : Number(seconds.toFixed(9));
}

/** Bytes a second, whole ones; a plain number is bits a second, and "mbps" is megabytes. */
export function readRate(text: string): number | null {
  const bits = scaled(text, RATES);
  return bits === null ? null : Math.floor(bits / 8);
}

/** Bytes; "kb" is 1024 of them. */
export function readSize(text: string): number | null {
  const size = scaled(text, SIZES);
  return size === null || size > MAX_U32 ? null : Math.floor(size);
}

/** A fraction from 0 to 1; "5" and "5%" are both five percent. */
export function readPercent(text: string): number | null {
  const [value, unit] = split(text) ?? [-1, ''];
  if (value < 0 || value > 100 || (unit !== '' && unit !== '%')) return null;
  return Number((value / 100).toPrecision(12));
}

/** A whole number as C writes them: also 0x10, and 010 is eight. At most 32 bits. */
export function readUnsigned(text: string): number | null {
  const octal = /^0[0-7]+$/.test(text);
  const value = octal
    ? Number.parseInt(text, 8)
    : /^(0x[\da-f]+|0|[1-9]\d*)$/i.test(text)
      ? Number(text)
      : Number.NaN;
  return value <= MAX_U32 ? value : null;
}

export function readSigned(text: string): number | null {
  const value = readUnsigned(text.replace(/^-/, ''));
  if (value === null || value > 0x7fff_ffff) return null;
  return text.startsWith('-') ? -value : value;
}
