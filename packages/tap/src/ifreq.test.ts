import { expect, test } from 'vitest';
import { decodeIfreq, encodeIfreq } from './ifreq.ts';

test('the name fills 16 bytes and the flags follow', () => {
  const ifr = encodeIfreq('eth0', 0x1002);
  expect(ifr.length).toBe(40);
  expect(ifr.subarray(0, 18).toString('hex')).toBe('657468300000000000000000000000000210');
  expect(decodeIfreq(ifr)).toEqual({ name: 'eth0', flags: 0x1002 });
});

test('a name of 15 bytes is the longest, with its terminator', () => {
  expect(decodeIfreq(encodeIfreq('a'.repeat(15), 0)).name).toBe('a'.repeat(15));
});

test.each(['', 'a'.repeat(16), 'é'.repeat(8), 'a/b', 'a b', 'a:1', 'tap%d', '.', '..'])(
  'the name "%s" is refused',
  (name) => {
    expect(() => encodeIfreq(name, 0)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  },
);
