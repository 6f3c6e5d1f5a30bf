/** JSON bodies: where they break off is said, and what JSON.parse would make something else of is refused. */
import { InputError, nestsDeeper } from '@etherloom/schema';
import { wrongKey } from './json-keys.ts';

const MAX_DEPTH = 32;

/** The value, or undefined for an empty body; throws InputError(EINVAL) with position, line and column. */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  if (nestsDeeper(text, MAX_DEPTH, true)) throw invalid('the JSON body is nested too deeply');
  const value = parse(text);
  const wrong = wrongKey(text);
  if (wrong !== null) throw new InputError('EINVAL', [wrong]);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(whereItBreaks(text), cause);
  }
}

function invalid(message: string, cause?: unknown): InputError {
  return new InputError('EINVAL', [{ path: [], message }], { cause });
}

function whereItBreaks(text: string): string {
  const at = soundLength(text);
  const lines = text.slice(0, at).split('\n');
  const place = `at position ${at} (line ${lines.length}, column ${lines.at(-1)!.length + 1})`;
  return `the JSON body ${at === text.length ? 'ends too early' : 'is not valid'}, ${place}`;
}

/** The length of the longest beginning that could still become JSON. Why a search: not every parser message has a position. */
function soundLength(text: string): number {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isBeginning(text.slice(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** True when JSON.parse has nothing against the text but that it ends. */
function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const at = /position (\d+)/.exec(message);
    return at === null ? /end of JSON/.test(message) : Number(at[1]) >= text.length;
  }
}
