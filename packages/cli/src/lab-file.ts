/** Reads a lab file, YAML or JSON. Each thing that is wrong in it is a line with its place. */
import { parseLabText } from '@etherloom/api';
import { InputError, issueText, type Lab } from '@etherloom/schema';
import { CliError, fileProblem } from './cli-error.ts';
import { readNamedFile } from './named-file.ts';

/** A hundred times a lab of 1,000 nodes. */
const MAX_LAB = 16 * 1024 * 1024;

export function readLabFile(path: string, exitCode = 1): Lab {
  const text = readText(path, exitCode);
  if (text.trim() === '') throw new CliError(`${path}: the lab file is empty`, { exitCode });
  try {
    return parseLabText(text, { filename: path });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const lines = error.errors.map((issue) => issueText(issue, path));
    throw new CliError(lines.join('\n'), { exitCode, cause: error });
  }
}

function readText(path: string, exitCode: number): string {
  try {
    return readNamedFile(path, MAX_LAB).toString('utf8');
  } catch (error) {
    const why = fileProblem(error).replace('no such file', 'no such lab file');
    throw new CliError(`${path}: ${why}`, { exitCode, cause: error });
  }
}
