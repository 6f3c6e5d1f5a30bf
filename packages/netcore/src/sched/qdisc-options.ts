/** Reads options of qdiscs; whatever does not fit is EINVAL, in the words of tc where it has some. */
import { NetError } from '../net-error.ts';
import type { QdiscOptions } from './qdisc.ts';

const U32_MAX = 0xffffffff;

/** What the kernel refuses without a text of its own begins with errno's. */
export function invalid(text: string): NetError {
  return new NetError('EINVAL', text);
}

/** Refuses names that a kind does not know. */
export function onlyOptions(kind: string, options: QdiscOptions, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (options[key] !== undefined && !known.includes(key))
      throw invalid(`What is "${key}"? ${kind} takes ${known.join(', ') || 'no options'}`);
  }
}

/** A whole number from `min` to `max`; undefined when it is not named. */
export function wholeOption(options: QdiscOptions, key: string, min = 0, max = U32_MAX): number | undefined {
  const value = numberOption(options, key);
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(`Illegal "${key}": ${value} is no whole number from ${min} to ${max}`);
}

/** Any number from `min` on. */
export function amountOption(options: QdiscOptions, key: string, min = 0): number | undefined {
  const value = numberOption(options, key);
  if (value === undefined || value >= min) return value;
  throw invalid(`Illegal "${key}": ${value} is below ${min}`);
}

/** A probability. `label` is what tc calls it when it is out of range. */
export function shareOption(options: QdiscOptions, key: string, label = key): number | undefined {
  const value = numberOption(options, key);
  if (value === undefined || (value >= 0 && value <= 1)) return value;
  throw invalid(`Illegal "${label}": ${value} is not within 0 and 1 (0 % and 100 %)`);
}

export function flagOption(options: QdiscOptions, key: string): boolean | undefined {
  const value = options[key];
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalid(`Illegal "${key}": true or false is expected`);
}

/** Options within an option; none when it is not named. */
export function sectionOption(options: QdiscOptions, key: string): QdiscOptions | null {
  const value = options[key];
  if (value === undefined || value === null) return null;
  if (typeof value === 'object' && !Array.isArray(value)) return value as QdiscOptions;
  throw invalid(`Illegal "${key}": an object is expected`);
}

function numberOption(options: QdiscOptions, key: string): number | undefined {
  const value = options[key];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw invalid(`Illegal "${key}": ${String(value)} is no number`);
}
