/** Keys of a JSON text that JSON.parse would swallow: one said twice, whose first value it forgets, and those that reach for a prototype. */
import type { InputIssue } from '@etherloom/schema';

/** An object or a list that is open; keys are null in a list, `at` is where in it the text stands. */
interface Open {
  readonly keys: Set<string> | null;
  at: string | number;
  /** A string that comes now is a key. */
  due: boolean;
}

/** The first of them, with its place; null when there is none. `text` must be JSON. */
export function wrongKey(text: string): InputIssue | null {
  const open: Open[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '"') {
      punctuate(open, text[i]!);
      continue;
    }
    const end = endOfString(text, i);
    const top = open.at(-1);
    const message = top?.due ? problemOf(top, JSON.parse(text.slice(i, end + 1))) : null;
    if (message !== null) return { path: open.map(({ at }) => at), message };
    i = end;
  }
  return null;
}

function punctuate(open: Open[], char: string): void {
  if (char === '{') open.push({ keys: new Set(), at: '', due: true });
  else if (char === '[') open.push({ keys: null, at: 0, due: false });
  else if (char === '}' || char === ']') open.pop();
  else if (char === ',') next(open.at(-1)!);
}

function next(top: Open): void {
  if (top.keys === null) top.at = Number(top.at) + 1;
  else top.due = true;
}

function problemOf(top: Open, key: string): string | null {
  top.due = false;
  top.at = key;
  if (key === '__proto__') return 'the key "__proto__" is refused';
  if (top.keys!.has(key)) return 'the key is here twice';
  top.keys!.add(key);
  return null;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
