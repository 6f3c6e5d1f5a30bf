/** What tc answers to a qdisc's options that make no sense: exit code 1, not 255. */
import type { CliError } from '../cli-error.ts';
import { mistake } from './mistakes.ts';
import { usageOf } from './qdisc-grammar.ts';

export function refuse(text: string): CliError {
  return mistake(text, 1);
}

export function illegal(what: string): CliError {
  return refuse(`Illegal "${what}"`);
}

/** What is said of a word nobody knows, then the words there are; asked for "help", those alone. */
export function unknownWord(kind: string, word: string, said = `What is "${word}"?`): CliError {
  return refuse(word === 'help' ? usageOf(kind) : `${said}\n${usageOf(kind)}`);
}

/** What does not go together, or is missing; then how it is written. */
export function senseless(kind: string, text: string): CliError {
  return refuse(`${text}\n${usageOf(kind)}`);
}

/** The value, or the refusal when a reader of units answered null. */
export function legal<T>(value: T | null, what: string): T {
  if (value === null) throw illegal(what);
  return value;
}
