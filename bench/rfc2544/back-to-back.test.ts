import { expect, test } from 'vitest';
import { correctedBufferTime } from './back-to-back.ts';

test('a buffer is as long as the burst that it took, less what left meanwhile', () => {
  // RFC 9004: 26,000 frames at 14.88 Mpps, of which 11.6 Mpps leave
  expect(correctedBufferTime(26_000, 14_880_952, 0)).toBeCloseTo(26_000 / 14_880_952, 12);
  expect(correctedBufferTime(30_000, 3_000_000, 1_500_000)).toBeCloseTo(0.005, 12);
});
