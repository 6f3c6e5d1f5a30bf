/** What is wrong with an input, and where: the one form in which zod, cross-checks and YAML complain. */
import type { z } from 'zod';

export type IssuePath = readonly (string | number)[];

export interface InputIssue {
  readonly path: IssuePath;
  readonly message: string;
  /** 1-based line in the text the input came from, when it is known. */
  readonly line?: number;
}

export interface InputErrorOptions extends ErrorOptions {
  /** The file the input came from. */
  readonly file?: string | undefined;
}

/** Bad input. `code` is an errno name; nothing has been changed. */
export class InputError extends Error {
  readonly code: string;
  readonly errors: readonly InputIssue[];

  constructor(code: string, errors: readonly InputIssue[], options: InputErrorOptions = {}) {
    const told = errors.slice(0, MAX_ISSUES).map(shortened);
    const more = errors.length > told.length ? [`and ${errors.length - told.length} more`] : [];
    super([...told.map((issue) => issueText(issue, options.file)), ...more].join('; '), options);
    this.name = 'InputError';
    this.code = code;
    this.errors = told;
  }
}

/** An error quotes what was written; it does not send megabytes of it back. */
const MAX_ISSUES = 100;
const MAX_TEXT = 400;
const MAX_PATH_PART = 80;

function shortened(issue: InputIssue): InputIssue {
  const path = issue.path.map((part) => (typeof part === 'string' ? cut(part, MAX_PATH_PART) : part));
  return { ...issue, path, message: cut(issue.message, MAX_TEXT) };
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}

/** `links[1].endpoints[0]`: as one would write it in code. */
export function pathText(path: IssuePath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** `lab.yaml:7: nodes.h1.mtuu: unknown key`, as far as file, line and path are known. */
export function issueText(issue: InputIssue, file?: string): string {
  const line = file === undefined ? `line ${issue.line}` : `${file}:${issue.line}`;
  const place = issue.line === undefined ? file : line;
  const path = pathText(issue.path);
  return [place, path, issue.message].filter((part) => part !== undefined && part !== '').join(': ');
}

/** Zod's findings as ours: one for each unknown key, the reason inside a bad record key, the nearest branch of a union. */
export function issuesOf(error: z.core.$ZodError): InputIssue[] {
  return error.issues.flatMap((issue) => flatten(issue, []));
}

function flatten(issue: z.core.$ZodIssue, above: IssuePath): InputIssue[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: issue.message }));
    case 'invalid_key':
      return [{ path, message: `bad name: ${issue.issues.map((inner) => inner.message).join('; ')}` }];
    case 'invalid_union':
      return unionIssues(issue, path);
    default:
      return [{ path, message: issue.message }];
  }
}

function unionIssues(issue: z.core.$ZodIssueInvalidUnion, path: IssuePath): InputIssue[] {
  // Why here: the branch that takes this type of value is the one the writer meant.
  const meant = issue.errors.filter((branch) => !branch.some(isWrongType));
  if (meant.length !== 1) return [{ path, message: issue.message }];
  return meant[0]!.flatMap((inner) => flatten(inner, path));
}

function isWrongType(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

/** Parses with a schema; throws InputError(EINVAL) that names every place. `at` is put before each path. */
export function parseWith<T extends z.ZodType>(schema: T, input: unknown, at: IssuePath = []): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const errors = issuesOf(result.error).map((issue) => ({ ...issue, path: [...at, ...issue.path] }));
  throw new InputError('EINVAL', errors, { cause: result.error });
}
