import fc from 'fast-check';
import { expect, test } from 'vitest';
import { getU16, putU16 } from './bytes.ts';
import {
  csumFold,
  csumPartial,
  csumPseudo,
  csumPseudo6,
  csumReplace2,
  csumUpdate16,
  ipChecksum,
} from './checksum.ts';

/** RFC 1071 word by word, end-around carry at once: the plain model. */
function model(data: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) {
    sum += data[i]! * 256 + (data[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

test('the example of RFC 1071', () => {
  const data = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  expect(ipChecksum(data, 0, 8)).toBe(~0xddf2 & 0xffff);
});

test('any bytes, odd lengths included, sum as the model does', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(3), (data, at) => {
      const buf = new Uint8Array(at + data.length + 1).fill(0x5a);
      buf.set(data, at);
      expect(ipChecksum(buf, at, data.length)).toBe(model(data));
    }),
  );
});

test('the largest packet of all ones does not overflow', () => {
  const data = new Uint8Array(65535).fill(0xff);
  expect(csumFold(csumPartial(data, 0, data.length, 0xffffffff))).toBe(model(data));
});

test('partial sums add up over an even cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(100), (data, half) => {
      const cut = Math.min(half * 2, data.length & ~1);
      const sum = csumPartial(data, cut, data.length - cut, csumPartial(data, 0, cut));
      expect(csumFold(sum)).toBe(ipChecksum(data, 0, data.length));
    }),
  );
});

test('data that carries its own checksum sums to zero', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 100 }), (data) => {
      putU16(data, 0, 0);
      putU16(data, 0, ipChecksum(data, 0, data.length));
      expect(ipChecksum(data, 0, data.length)).toBe(0);
    }),
  );
});

test('changing one word updates the checksum as a new sum would', () => {
  const word = fc.nat(0xffff);
  fc.assert(
    fc.property(fc.array(word, { minLength: 2, maxLength: 20 }), word, (words, to) => {
      const buf = new Uint8Array(2 + words.length * 2);
      words.forEach((w, i) => {
        putU16(buf, 2 + i * 2, w);
      });
      buf[2] = 0x45; // as in any header, not all words are zero: the sum has one form
      putU16(buf, 0, ipChecksum(buf, 0, buf.length));
      csumUpdate16(buf, 0, 4, to);
      expect(getU16(buf, 4)).toBe(to);
      expect(ipChecksum(buf, 0, buf.length)).toBe(0);
    }),
  );
});

test('RFC 1624: the corner where equation 4 goes wrong', () => {
  expect(csumReplace2(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
});

test('a pseudo header sums as if it were written out', () => {
  const v4 = Uint8Array.of(192, 168, 255, 255, 10, 0, 0, 2, 0, 17, 0x12, 0x34);
  expect(csumPseudo(0xc0a8ffff, 0x0a000002, 17, 0x1234)).toBe(csumPartial(v4, 0, 12));
  const v6 = new Uint8Array(40).map((_, i) => i * 7);
  const written = Uint8Array.of(...v6.subarray(8), 0, 1, 0x23, 0x45, 0, 0, 0, 58);
  expect(csumFold(csumPseudo6(v6, 0, 58, 0x12345))).toBe(ipChecksum(written, 0, 40));
});
