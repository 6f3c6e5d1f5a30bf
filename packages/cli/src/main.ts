/** The `etherloom` command: reads its words, runs one sub-command, and turns whatever fails into a line and an exit code. */
import process from 'node:process';
import { ClientError } from '@etherloom/client';
import { InputError, issueText } from '@etherloom/schema';
import { CommanderError } from 'commander';
import { endOnBrokenOutput, outputTold } from './broken-output.ts';
import { CliError, messageOf } from './cli-error.ts';
import { callFailure } from './connect.ts';
import { letHeapGrow } from './heap-growth.ts';
import { printError } from './output.ts';
import { createProgram } from './program.ts';

/** These tell "the answer is no" (1) from "there is no answer" (2). */
const TWO_ON_ERROR = new Set(['diff', 'ping']);

async function main(): Promise<void> {
  letHeapGrow();
  endOnBrokenOutput();
  try {
    await (await createProgram(process.argv[2])).parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
  await outputTold();
  // Servers are closed by now; what is left is keep-alive sockets and closing handshakes nobody waits for.
  process.exit();
}

function report(error: unknown): number {
  const failed = TWO_ON_ERROR.has(process.argv[2] ?? '') ? 2 : 1;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : failed;
  const known = asCliError(error, failed);
  const told = known.verbatim ? known.message : known.message.replaceAll(/^/gm, 'etherloom: ');
  if (told !== '') printError(told);
  return known.exitCode;
}

function asCliError(error: unknown, exitCode: number): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof ClientError) return callFailure(error, exitCode);
  if (error instanceof InputError) {
    return new CliError(error.errors.map((issue) => issueText(issue)).join('\n'), { exitCode, cause: error });
  }
  // An errno name marks what was foreseen: a port in use, a missing permission.
  const foreseen = /^E[A-Z0-9]+$/.test(String((error as { code?: unknown } | null)?.code));
  const stack = error instanceof Error ? error.stack : undefined;
  return new CliError(foreseen ? messageOf(error) : (stack ?? String(error)), { exitCode, cause: error });
}

await main();
