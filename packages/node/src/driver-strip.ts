/** TypeScript becomes what runs, with every character in its place, so that lines in stacks are the lines of the file. */
import { basename } from 'node:path';
import { transformSync } from '@swc/wasm-typescript';

interface StripFailure {
  readonly message?: string;
  readonly startLine?: number;
  readonly startColumn?: number;
}

/** Throws a SyntaxError that begins with the place. */
export function strip(source: string, file: string): string {
  try {
    return transformSync(source, { mode: 'strip-only', filename: file }).code;
  } catch (failure) {
    const { message, startLine, startColumn = 0 } = failure as StripFailure;
    const where = startLine === undefined ? '' : `:${startLine}:${startColumn + 1}`;
    throw new SyntaxError(`${basename(file)}${where}: ${message ?? String(failure)}`, { cause: failure });
  }
}

/** What is wrong with a file that the engine refused without saying where; null when we see nothing either. */
export function syntaxProblem(source: string, file: string): string | null {
  try {
    strip(source, file);
  } catch (error) {
    return (error as Error).message;
  }
  const decorator = /^[ \t]*(?:export\s+(?:default\s+)?)?@[A-Za-z_$]/m.exec(source);
  if (decorator === null) return null;
  const line = source.slice(0, decorator.index).split('\n').length;
  return `${basename(file)}:${line}: decorators are not supported: types are stripped, and nothing is compiled`;
}
