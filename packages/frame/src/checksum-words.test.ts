import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csumFold, csumPartial } from './checksum.ts';
import { csumBlockAddOdd, csumFold16, csumView, csumWords } from './checksum-words.ts';

test('any bytes at any offset sum as csumPartial sums them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(40), fc.nat(40), (data, from, less) => {
      const buf = new Uint8Array(304).fill(0x5a);
      buf.set(data);
      const at = Math.min(from, data.length);
      const len = Math.max(0, data.length - at - less);
      expect(csumFold(csumWords(buf, csumView(buf), at, len))).toBe(csumFold(csumPartial(buf, at, len)));
    }),
    { numRuns: 2000 },
  );
});

test('a buffer that begins inside its store sums as any other', () => {
  const buf = new Uint8Array(new ArrayBuffer(64), 8, 32).map((_, i) => i * 37);
  const inside = new Uint8Array(buf.buffer, 4, 24);
  expect(csumFold(csumWords(inside, csumView(inside), 3, 17))).toBe(csumFold(csumPartial(inside, 3, 17)));
});

test('the longest data of all ones does not overflow', () => {
  const buf = new Uint8Array(65540).fill(0xff);
  for (const at of [0, 1, 2, 3]) expect(csumWords(buf, csumView(buf), at, 65534)).toBe(0xffff);
});

test('a sum may go on after an odd number of bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(200), (data, half) => {
      const cut = Math.min(half | 1, data.length - (1 - (data.length & 1)));
      const sum = csumBlockAddOdd(csumPartial(data, 0, cut), csumPartial(data, cut, data.length - cut));
      expect(csumFold(sum)).toBe(csumFold(csumPartial(data, 0, data.length)));
      expect(csumFold16(sum)).toBe(~csumFold(sum) & 0xffff);
    }),
  );
});
