/** Below this a loop is quicker than a view, and allocates nothing. */
const VIEW_PAYS = 2048;

/** Copies from[start, start + len) to to[at...]; the ranges must not overlap. */
export function copyBytes(to: Uint8Array, at: number, from: Uint8Array, start: number, len: number): void {
  if (len > VIEW_PAYS) to.set(from.subarray(start, start + len), at);
  else for (let i = 0; i < len; i++) to[at + i] = from[start + i]!;
}
