import { expect, test } from 'vitest';
import { copyBytes, copyWords } from './copy-bytes.ts';

test.each([
  ['copyBytes', copyBytes],
  ['copyWords', copyByViews],
])('%s copies every length at every alignment and nothing around it', (_name, copy) => {
  const src = Uint8Array.from({ length: 2100 }, (_, i) => i * 7);
  for (const n of [0, 1, 3, 4, 7, 8, 15, 16, 17, 60, 61, 127, 128, 255, 256, 257, 1514, 2000]) {
    for (const [from, to] of [
      [0, 0],
      [1, 3],
      [5, 64],
      [66, 2],
    ] as const) {
      const dst = new Uint8Array(2100).fill(170);
      copy(src, from, dst, to, n);
      const want = new Uint8Array(2100).fill(170);
      want.set(src.subarray(from, from + n), to);
      expect(dst).toEqual(want);
    }
  }
});

function copyByViews(src: Uint8Array, from: number, dst: Uint8Array, to: number, n: number): void {
  copyWords(new DataView(src.buffer), from, new DataView(dst.buffer), to, n);
}
