/** The refusals that iproute2's programs share, in their words and with their exit codes. cf. iproute2 lib/utils.c */
import { CliError } from '../cli-error.ts';

/** What iproute2 ends with when the words make no sense: -1. */
const SENSELESS = 255;

/** What it ends with when the kernel refuses. */
export const REFUSED = 2;

/** Why verbatim: scripts compare what the tools say, and those say it without a name in front. */
export function mistake(text: string, exitCode: number = SENSELESS, cause?: unknown): CliError {
  return new CliError(text, { exitCode, cause, verbatim: true });
}

export function incomplete(): CliError {
  return mistake('Command line is not complete. Try option "help"');
}

export function wrongArgument(given: string, why: string): CliError {
  return mistake(`Error: argument "${given}" is wrong: ${why}`);
}

export function duplicate(key: string, given: string): CliError {
  return mistake(`Error: duplicate "${key}": "${given}" is the second value.`);
}

export function garbage(word: string): CliError {
  return mistake(`Error: either "dev" is duplicate, or "${word}" is a garbage.`);
}
