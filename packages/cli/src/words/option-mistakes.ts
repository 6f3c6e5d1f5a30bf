/** What tc answers to a qdisc's options that make no sense: exit code 1, not 255. */
import type { CliError } from '../cli-error.ts';
import { mistake } from './mistakes.ts';

export function refuse(text: string): CliError {
  return mistake(text, 1);
}

export function illegal(what: string): CliError {
  return refuse(`Illegal "${what}"`);
}

export function unknownWord(word: string): CliError {
  return refuse(word === 'help' ? 'try "etherloom tc --help"' : `What is "${word}"?`);
}

/** The value, or the refusal when a reader of units answered null. */
export function legal<T>(value: T | null, what: string): T {
  if (value === null) throw illegal(what);
  return value;
}
