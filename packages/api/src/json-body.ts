/** JSON bodies: where they break off is said, and keys that reach for a prototype are refused. */
import { InputError } from '@etherloom/schema';

/** The value, or undefined for an empty body; throws InputError(EINVAL) with line and column. */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text, refusePrototype);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    const at = Number(/position (\d+)/.exec(why)?.[1] ?? text.length);
    const { line, column } = placeOf(text, at);
    const what = at >= text.length ? 'the JSON body ends too early' : 'the JSON body is not valid';
    const message = `${what}, at position ${at} (line ${line}, column ${column})`;
    // biome-ignore lint/style/useErrorCause: the cause is the third argument
    throw new InputError('EINVAL', [{ path: [], message }], { cause });
  }
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key !== '__proto__') return value;
  throw new InputError('EINVAL', [{ path: [], message: 'the key "__proto__" is refused' }]);
}

function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
