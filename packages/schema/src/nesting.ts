/** How deep a text nests, found without a parser: parsers recurse, and where their stack ends the process may end with it. */

const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** True when brackets and braces nest deeper than `max`; with `strings`, those inside JSON strings do not count. */
export function nestsDeeper(text: string, max: number, strings: boolean): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === OPEN_BRACKET || char === OPEN_BRACE) depth++;
    else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) depth = Math.max(0, depth - 1);
    else if (strings && char === QUOTE) i = endOfString(text, i);
    if (depth > max) return true;
  }
  return false;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
