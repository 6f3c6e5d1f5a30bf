import { expect, test } from 'vitest';
import { deriveMac, Mac } from './mac.ts';

test('a MAC address is kept in lower case with colons, however it is written', () => {
  expect(Mac.parse('02:AB:00:00:00:01')).toBe('02:ab:00:00:00:01');
  expect(Mac.parse('02-AB-00-00-00-01')).toBe('02:ab:00:00:00:01');
});

test.each([
  ['03:00:00:00:00:01', 'multicast'],
  ['ff:ff:ff:ff:ff:ff', 'multicast'],
  ['00:00:00:00:00:00', 'zero'],
  ['02:00:00:00:00', 'six hexadecimal bytes'],
  ['02:00:00-00:00:01', 'six hexadecimal bytes'],
  ['02:00:00:00:00:0g', 'six hexadecimal bytes'],
  [2, 'six hexadecimal bytes'],
])('%j is no address of a station', (written, why) => {
  expect(Mac.safeParse(written).error?.issues[0]?.message).toContain(why);
});

test('a derived address is a station of our own making, and the same every time', () => {
  expect(deriveMac('lab', 'h1', 'eth0')).toBe('02:e1:ac:98:e6:0e');
  expect(Mac.parse(deriveMac('lab', 'h1', 'eth0'))).toMatch(/^02:/);
});

test('ten thousand derived addresses are all different', () => {
  const macs = new Set<string>();
  for (let node = 0; node < 1000; node++) {
    for (let eth = 0; eth < 10; eth++) macs.add(deriveMac('lab', `h${node}`, `eth${eth}`));
  }
  expect(macs.size).toBe(10_000);
});
