/** Reads a lab file, YAML or JSON. Each thing that is wrong in it is a line with its place. */
import { readFileSync } from 'node:fs';
import { parseLabText } from '@etherloom/api';
import { InputError, issueText, type Lab } from '@etherloom/schema';
import { CliError, messageOf } from './cli-error.ts';

export function readLabFile(path: string, exitCode = 1): Lab {
  try {
    return parseLabText(readText(path, exitCode), { filename: path });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const lines = error.errors.map((issue) => issueText(issue, path));
    throw new CliError(lines.join('\n'), { exitCode, cause: error });
  }
}

function readText(path: string, exitCode: number): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'no such lab file' : messageOf(error);
    throw new CliError(`${path}: ${why}`, { exitCode, cause: error });
  }
}
