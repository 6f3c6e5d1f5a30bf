/** A line given to our command in this process: a program for each of a hundred lines would take a minute. */
import process from 'node:process';
import { vi } from 'vitest';
import { createProgram } from '../../packages/cli/src/program.ts';
import type { Finished } from './program.ts';

/** Without the "etherloom: " that the program writes in front of each line of stderr. */
export async function inProcess(words: readonly string[], control: string): Promise<Finished> {
  let stdout = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  const [tool, ...rest] = words;
  try {
    await (await createProgram(tool)).parseAsync(['node', 'etherloom', tool!, '--control', control, ...rest]);
    return { code: 0, stdout, stderr: '' };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { code: (error as { exitCode?: number }).exitCode ?? 1, stdout, stderr: error.message };
  } finally {
    spy.mockRestore();
  }
}
