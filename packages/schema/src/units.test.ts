import { expect, test } from 'vitest';
import { issuesOf } from './issues.ts';
import { Duration, Fraction, Rate } from './units.ts';

// biome-ignore format: one case a line
test.each([
  ['10ms', 0.01], ['1.5s', 1.5], ['250us', 0.000_25], ['250µs', 0.000_25], ['100ns', 1e-7], ['2min', 120], ['1h', 3600],
  ['.5s', 0.5], ['1e3ms', 1], [' 10 ms ', 0.01], [0.01, 0.01], [0, 0], ['0.1ms', 0.0001],
])('a duration written %j is %d seconds', (written, seconds) => {
  expect(Duration.parse(written)).toBe(seconds);
});

// biome-ignore format: one case a line
test.each([
  ['0.5%', 0.005], ['100%', 1], ['0.005', 0.005], [0.005, 0.005], ['0.25 %', 0.0025], [1, 1],
])('a share written %j is %d', (written, fraction) => {
  expect(Fraction.parse(written)).toBe(fraction);
});

// biome-ignore format: one case a line
test.each([
  ['20mbit', 20e6], ['1gbit', 1e9], ['64kbit', 64e3], ['1.5Mbit', 1.5e6], ['10Mbit/s', 10e6], ['1mibit', 2 ** 20],
  ['9600bit', 9600], ['9600', 9600], [9600, 9600], ['0', 0], ['8bit', 8],
])('a rate written %j is %d bit/s', (written, rate) => {
  expect(Rate.parse(written)).toBe(rate);
});

// biome-ignore format: one case a line
test.each([
  [Duration, '10', 'a time with its unit'], [Duration, '10 apples', 'a time with its unit'], [Duration, -1, 'outside 0'],
  [Duration, '10ms/s', 'a time with its unit'], [Duration, '', 'a time with its unit'], [Duration, null, 'a time with its unit'],
  [Duration, '1e400s', 'a time with its unit'], [Duration, Number.NaN, 'a time with its unit'],
  [Fraction, '101%', 'outside 0 to 1'], [Fraction, 1.01, 'outside 0 to 1'], [Fraction, '1:2', 'a percentage'],
  [Rate, '7bit', 'less than a byte a second'], [Rate, 0.5, '8 at least or 0'], [Rate, 1e-300, 'less than a byte'],
  [Rate, '20mbps', 'mbps'], [Rate, '-1mbit', 'a rate in bits'], [Rate, [], 'a rate in bits'], [Rate, '0x10', 'a rate in bits'],
])('%# %s refuses %j and says what is accepted', (schema, written, text) => {
  const result = schema.safeParse(written);
  expect(result.success).toBe(false);
  expect(issuesOf(result.error!)[0]!.message).toContain(text);
});

test('a zero has no sign', () => {
  expect([Duration, Fraction, Rate].map((unit) => Object.is(unit.parse(-0), 0))).toEqual([true, true, true]);
});
