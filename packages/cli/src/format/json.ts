/** JSON as iproute2 and ethtool write it: fractions as %g, and their own way with pretty. cf. iproute2 lib/json_writer.c */
import { g } from './printf.ts';

const INDENT = '    ';

/** What -j prints, or with `pretty` what -j -p prints. */
export function toolJson(value: unknown, pretty: boolean): string {
  return pretty ? prettyJson(value, 0) : compactJson(value);
}

function scalar(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return g(value);
  return JSON.stringify(value ?? null);
}

function entriesOf(value: object): [key: string, value: unknown][] {
  return Object.entries(value).filter(([, each]) => each !== undefined);
}

function compactJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(compactJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return scalar(value);
  return `{${entriesOf(value).map(([key, each]) => `${JSON.stringify(key)}:${compactJson(each)}`).join(',')}}`; // biome-ignore format: one shape
}

/** An array stays on its line, an object takes a line for each key; arrays count as a step of depth all the same. */
function prettyJson(value: unknown, depth: number): string {
  if (Array.isArray(value)) {
    const items = value.map((each) => prettyJson(each, depth + 1));
    return items.length === 0 ? '[ ]' : `[ ${items.join(',')} ]`;
  }
  if (value === null || typeof value !== 'object') return scalar(value);
  const entries = entriesOf(value);
  if (entries.length === 0) return '{}';
  const margin = `\n${INDENT.repeat(depth + 1)}`;
  const lines = entries.map(
    ([key, each]) => `${margin}${JSON.stringify(key)}: ${prettyJson(each, depth + 1)}`,
  );
  return `{${lines.join(',')}\n${INDENT.repeat(depth)}}`;
}
