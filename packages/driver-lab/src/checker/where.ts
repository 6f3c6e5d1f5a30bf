/** Which line of the driver it was, from a stack that was captured there. */

/** True for a place of the driver under study: a path, or a file URL. */
export type IsDriver = (file: string) => boolean;

/** Why two: in a URL a space is %20, but parentheses stand as they are; a path has both as they are. */
const URL_PLACE = /(file:\/\/\S+):(\d+):\d+\)?$/;
const PATH_PLACE = /(?:\(|at (?:async )?)(\/.*):(\d+):\d+\)?$/;

/** A mark at this moment of the driver's work; formatted only when a report needs it. */
export function mark(): Error {
  return new Error('mark');
}

/** `my-nic.ts:31`: the innermost place of the driver on the stack of what was thrown; null when it is on none. */
export function placeOf(thrown: unknown, isDriver: IsDriver): string | null {
  for (const line of stackOf(thrown).split('\n')) {
    const found = URL_PLACE.exec(line.trim()) ?? PATH_PLACE.exec(line.trim());
    if (found !== null && isDriver(found[1]!)) return `${fileName(found[1]!)}:${found[2]}`;
  }
  return null;
}

/** What was thrown, for a text: anything may be, and asking it may throw again. */
export function thrownText(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'something that cannot be shown as text';
  }
}

function stackOf(thrown: unknown): string {
  try {
    const { stack } = thrown as { stack?: unknown };
    return typeof stack === 'string' ? stack : '';
  } catch {
    return '';
  }
}

function fileName(place: string): string {
  const name = place.replace(/[?#].*$/, '').replace(/^.*\//, '');
  if (!place.startsWith('file:')) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
