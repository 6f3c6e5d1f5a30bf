/** Reads a lab file, YAML or JSON. What is wrong in it is told with its place: file:line path: message. */
import { readFileSync } from 'node:fs';
import { InputError, type IssuePath, type Lab, parseLab, pathText } from '@etherloom/schema';
import { type Document, isMap, isNode, LineCounter, type Node, parseDocument } from 'yaml';
import { CliError, messageOf } from './cli-error.ts';

export interface LabFile {
  readonly lab: Lab;
  /** As written, for PUT /v1/lab. */
  readonly text: string;
}

export function readLabFile(path: string): LabFile {
  const text = readText(path);
  return { text, lab: parseLabText(text, path) };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new CliError(missing ? `${path}: no such lab file` : `${path}: ${messageOf(error)}`, 1, {
      cause: error,
    });
  }
}

/** Throws a CliError with one line for each thing that is wrong; `name` is what the lines start with. */
export function parseLabText(text: string, name: string): Lab {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (doc.errors.length > 0) {
    const wrong = doc.errors.map((error) => `${name}:${lines.linePos(error.pos[0]).line} ${error.message}`);
    throw new CliError(wrong.join('\n'));
  }
  try {
    return parseLab(doc.toJS());
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const wrong = error.errors.map(({ path, message }) => {
      const where = pathText(path);
      return `${name}:${lineOf(doc, lines, path)} ${where === '' ? '' : `${where}: `}${message}`;
    });
    throw new CliError(wrong.join('\n'), 1, { cause: error });
  }
}

/** The line of the innermost thing on the path that is written in the file: its key, or else its value. */
function lineOf(doc: Document.Parsed, lines: LineCounter, path: IssuePath): number {
  let at: Node | null = doc.contents;
  let offset = at?.range?.[0] ?? 0;
  for (const [depth, part] of path.entries()) {
    const key: unknown = isMap(at) ? at.items.find((pair) => String(pair.key) === String(part))?.key : null;
    const value: unknown = doc.getIn(path.slice(0, depth + 1), true);
    at = isNode(value) ? value : null;
    const start = isNode(key) ? key.range?.[0] : at?.range?.[0];
    if (start === undefined) break;
    offset = start;
  }
  return lines.linePos(offset).line;
}
