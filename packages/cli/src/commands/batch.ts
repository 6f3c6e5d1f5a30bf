/** `ip -batch FILE`, `tc -batch FILE`: a file of lines, run one after the other. cf. iproute2 lib/utils.c: do_batch */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { CliError, fileProblem } from '../cli-error.ts';
import { readNamedFile } from '../named-file.ts';
import { printError } from '../output.ts';
import { readBatchLines } from '../words/batch-lines.ts';
import { mistake } from '../words/mistakes.ts';
import { WordList } from '../words/word-list.ts';

/** Ends at the first line that fails, or with `force` at the end; says which failed, exit code 1. "-" is stdin. */
export async function runBatch(
  file: string,
  force: boolean,
  run: (words: WordList) => Promise<void>,
): Promise<void> {
  for (const { number, words } of readBatchLines(readText(file))) {
    try {
      await run(new WordList(words));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const text = `${error.message}\nCommand failed ${file}:${number}`;
      if (!force) throw mistake(text, 1, error);
      printError(text);
      process.exitCode = 1;
    }
  }
}

const MAX_BYTES = 16 * 1024 * 1024;

function readText(file: string): string {
  try {
    return file === '-' ? readFileSync(0, 'utf8') : readNamedFile(file, MAX_BYTES).toString();
  } catch (error) {
    throw mistake(`Cannot open file "${file}" for reading: ${fileProblem(error)}`, 1, error);
  }
}
