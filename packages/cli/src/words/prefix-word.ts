/** A prefix as iproute2 reads one: 10.0.0.0/24, 10/8, fd00::/64, one address alone, or any. cf. iproute2 lib/utils.c: get_prefix */
import { isIPv6 } from 'node:net';
import { mistake } from './mistakes.ts';

/** Written out: four parts of an IPv4 address; null for "any", "all" and "default". */
export function readPrefix(word: string): string | null {
  if (/^(any|all|default)$/.test(word)) return null;
  const [address, length, more] = word.split('/', 3) as [string, string?, string?];
  const whole = isIPv6(address) ? address : dotted(address);
  const bits = length === undefined ? 0 : Number(/^\d{1,3}$/.test(length) ? length : Number.NaN);
  if (whole === null || more !== undefined || !(bits <= (isIPv6(address) ? 128 : 32)))
    throw mistake(`Error: any valid prefix is expected rather than "${word}".`, 1);
  return length === undefined ? whole : `${whole}/${length}`;
}

/** What is left out is zero, from the right: 10.1 is 10.1.0.0. */
function dotted(text: string): string | null {
  const parts = text.split('.');
  if (parts.length > 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return [...parts.map(Number), 0, 0, 0].slice(0, 4).join('.');
}
