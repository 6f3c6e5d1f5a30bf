/** Which line of the driver it was, from a stack that was captured there. */

/** True for a place of the driver under study. */
export type IsDriver = (file: string) => boolean;

const PLACE = /(?:\(|at (?:async )?)((?:file:\/\/)?[^()\s]+):(\d+):\d+\)?$/;

/** A mark at this moment of the driver's work; formatted only when a report needs it. */
export function mark(): Error {
  return new Error('mark');
}

/** `my-nic.ts:31`: the innermost place of the driver on the stack; null when it is on none. */
export function placeOf(error: Error, isDriver: IsDriver): string | null {
  for (const line of (error.stack ?? '').split('\n')) {
    const found = PLACE.exec(line.trim());
    if (found === null) continue;
    const file = found[1]!.replace(/[?#].*$/, '');
    if (isDriver(file)) return `${file.replace(/^.*\//, '')}:${found[2]}`;
  }
  return null;
}
