/** Copies short runs of records: a loop where a view would cost more than the bytes. */
const LOOP_MAX = 160;

export function copyRun(src: Uint8Array, at: number, dst: Uint8Array, to: number, n: number): void {
  if (n > LOOP_MAX) dst.set(src.subarray(at, at + n), to);
  else for (let i = 0; i < n; i++) dst[to + i] = src[at + i]!;
}
