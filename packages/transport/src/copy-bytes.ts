/** Copies a frame without making a view of it. */

/** Copies src[from, from + n) to dst[to, to + n). The two must not overlap. */
export function copyBytes(src: Uint8Array, from: number, dst: Uint8Array, to: number, n: number): void {
  for (let i = 0; i < n; i++) dst[to + i] = src[from + i]!;
}
