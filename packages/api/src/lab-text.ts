/** A lab as text, YAML or JSON (which is YAML too), with the line of whatever is wrong. */
import {
  InputError,
  type InputErrorOptions,
  type InputIssue,
  type IssuePath,
  type Lab,
  parseLab,
} from '@etherloom/schema';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';

/** More aliases than any lab needs; without a bound ten lines of YAML can fill the memory. */
const MAX_ALIASES = 1000;

export interface LabTextOptions {
  /** Named in the error's text. */
  readonly filename?: string | undefined;
}

/** Reads a lab from text; throws InputError whose issues carry path and line. */
export function parseLabText(text: string, { filename }: LabTextOptions = {}): Lab {
  const lines = new LineCounter();
  const fail = (code: string, errors: readonly InputIssue[], cause?: unknown) => {
    const options: InputErrorOptions = { file: filename, cause };
    return new InputError(code, errors, options);
  };
  const doc = readDocument(text, lines, fail);
  const value = toValue(doc, fail);
  try {
    return parseLab(value);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const errors = cause.errors.map((issue) => ({ ...issue, line: lineOf(doc, issue.path, lines) }));
    throw fail(cause.code, errors, cause);
  }
}

type Fail = (code: string, errors: readonly InputIssue[], cause?: unknown) => InputError;

function readDocument(text: string, lines: LineCounter, fail: Fail): Document {
  try {
    const doc: Document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
    const found: InputIssue[] = doc.errors.map((error) => issueAt(lines, error.pos[0], error.message));
    if (found.length === 0) found.push(...poisonedKeys(doc, lines));
    if (found.length > 0) throw fail('EINVAL', found);
    return doc;
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw fail('EINVAL', [{ path: [], message: 'this is nested too deeply to be a lab' }], cause);
  }
}

function issueAt(lines: LineCounter, offset: number, message: string): InputIssue {
  const { line, col } = lines.linePos(offset);
  return {
    path: [],
    line: Math.max(line, 1),
    message: `${message.split('\n')[0]} (column ${Math.max(col, 1)})`,
  };
}

function poisonedKeys(doc: Document, lines: LineCounter): InputIssue[] {
  const found: InputIssue[] = [];
  visit(doc, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== '__proto__') return;
      found.push(issueAt(lines, pair.key.range?.[0] ?? 0, '"__proto__" is no name'));
    },
  });
  return found;
}

function toValue(doc: Document, fail: Fail): unknown {
  try {
    return doc.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    const message = cause instanceof ReferenceError ? cause.message : 'this cannot be read as a lab';
    throw fail('EINVAL', [{ path: [], message }], cause);
  }
}

/** The line of the deepest part of the path that is in the text. */
function lineOf(doc: Document, path: IssuePath, lines: LineCounter): number {
  let node: unknown = doc.contents;
  let offset = 0;
  for (const part of path) {
    const at = isAlias(node) ? node.resolve(doc) : node;
    const step = stepInto(at, part);
    if (step === null) break;
    offset = step.offset ?? offset;
    node = step.node;
  }
  return Math.max(lines.linePos(offset).line, 1);
}

interface Step {
  readonly node: unknown;
  readonly offset: number | undefined;
}

function stepInto(node: unknown, part: string | number): Step | null {
  if (isSeq(node)) {
    const item: unknown = node.items[Number(part)];
    return item === undefined ? null : { node: item, offset: rangeStart(item) };
  }
  if (!isMap(node)) return null;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
  return pair === undefined ? null : { node: pair.value, offset: rangeStart(pair.key) };
}

function rangeStart(node: unknown): number | undefined {
  const range = (node as { range?: readonly number[] | null }).range;
  return range?.[0];
}
