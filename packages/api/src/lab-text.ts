/** A lab as text, YAML or JSON (which is YAML too), with the line of whatever is wrong. */
import {
  InputError,
  type InputErrorOptions,
  type InputIssue,
  type IssuePath,
  type Lab,
  nestsDeeper,
  parseLab,
} from '@etherloom/schema';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';

/** More aliases than any lab needs; without a bound ten lines of YAML can fill the memory. */
const MAX_ALIASES = 1000;

export interface LabTextOptions {
  /** Named in the error's text. */
  readonly filename?: string | undefined;
}

/** Deeper than any lab. */
const MAX_DEPTH = 20;
/** A line that begins with 200 blanks, or with the marks of nine blocks ("- - - ..."). */
const TOO_DEEP_LINE = /^(?:[ \t]{200}|(?:[ \t]*[-?:][ \t]){9})/m;

/** Reads a lab from text; throws InputError whose issues carry path and line. */
export function parseLabText(text: string, { filename }: LabTextOptions = {}): Lab {
  const lines = new LineCounter();
  const fail = (code: string, errors: readonly InputIssue[], cause?: unknown) => {
    const options: InputErrorOptions = { file: filename, cause };
    return new InputError(code, errors, options);
  };
  if (nestsDeeper(text, MAX_DEPTH, false) || TOO_DEEP_LINE.test(text))
    throw fail('EINVAL', [{ path: [], message: 'this is nested too deeply to be a lab' }]);
  const doc = readDocument(text, lines, fail);
  const value = toValue(doc, fail);
  // Why not the empty lab: a file cut short to nothing would take everything away.
  if (value == null)
    throw fail('EINVAL', [{ path: [], message: 'there is nothing in it: {} is the empty lab' }]);
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
  const doc = withoutStacks(() =>
    parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false, uniqueKeys: false }),
  );
  const wrong = doc.errors.map((error) => issueAt(lines, error.pos[0], error.message));
  const found = wrong.length === 0 ? badKeys(doc, lines) : wrong;
  if (found.length > 0) throw fail('EINVAL', found);
  return doc;
}

/** The parser makes an Error for each mistake, and a text can be nothing but mistakes: their stacks would take seconds. */
function withoutStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
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

/** Keys said twice, and keys that are no names. Why not the parser's own check: it compares each key with each. */
function badKeys(doc: Document, lines: LineCounter): InputIssue[] {
  const found: InputIssue[] = [];
  visit(doc, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : '';
        const message = wrongWithKey(key, name, seen);
        if (message !== null) found.push(issueAt(lines, rangeStart(key) ?? 0, message));
        seen.add(name);
      }
    },
  });
  return found;
}

function wrongWithKey(key: unknown, name: string, seen: ReadonlySet<string>): string | null {
  if (!isScalar(key) && !isAlias(key)) return 'a name must be plain text';
  if (name === '__proto__') return '"__proto__" is no name';
  return isScalar(key) && name !== '<<' && seen.has(name) ? `"${name}" is here twice` : null;
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
  return isNode(node) ? node.range?.[0] : undefined;
}
