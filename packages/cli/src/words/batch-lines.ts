/** The lines of `ip -batch FILE` and `tc -batch FILE`. cf. iproute2 lib/utils.c: getcmdline, makeargs */

export interface BatchLine {
  /** Where it ends in the file, from 1. */
  readonly number: number;
  readonly words: readonly string[];
}

/** A "#" begins a comment, a backslash goes on in the next line, quotes hold a word together. */
export function readBatchLines(text: string): BatchLine[] {
  const lines: BatchLine[] = [];
  let begun = '';
  for (const [i, line] of text.split('\n').entries()) {
    const said = begun + line.replace(/#.*/, '');
    const goesOn = said.endsWith('\\');
    begun = goesOn ? said.slice(0, -1) : '';
    const words = goesOn ? [] : wordsOf(said);
    if (words.length > 0) lines.push({ number: i + 1, words });
  }
  return lines;
}

function wordsOf(line: string): string[] {
  const found = line.match(/"[^"]*"|'[^']*'|[^\s"']\S*/g) ?? [];
  return found.map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}
