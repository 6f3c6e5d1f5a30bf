import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  etherAddrEqual,
  isBroadcastEther,
  isLocalEther,
  isMulticastEther,
  isValidEtherAddr,
  isZeroEther,
  macHi,
  macLo,
  macToString,
  parseMac,
} from './mac.ts';

const anyMac = fc.uint8Array({ minLength: 6, maxLength: 6 });

test('a MAC survives text and back, at any offset', () => {
  fc.assert(
    fc.property(anyMac, fc.nat(9), (mac, at) => {
      const buf = new Uint8Array(16);
      buf.set(mac, at);
      expect(parseMac(macToString(buf, at))).toEqual(mac);
    }),
  );
});

test('high and low part make up the address', () => {
  const mac = parseMac('fe:dc:ba:98:76:54')!;
  expect(macHi(mac, 0)).toBe(0xfedc);
  expect(macLo(mac, 0)).toBe(0xba987654);
});

test('two addresses are equal exactly when both parts are', () => {
  fc.assert(
    fc.property(anyMac, anyMac, fc.boolean(), (a, b, same) => {
      const other = same ? a.slice() : b;
      const parts = macHi(a, 0) === macHi(other, 0) && macLo(a, 0) === macLo(other, 0);
      expect(etherAddrEqual(a, 0, other, 0)).toBe(parts);
    }),
  );
});

// biome-ignore format: one case a line
test.each([
  ['02:00:00:00:00:01', { group: false, broadcast: false, zero: false, valid: true,  local: true }],
  ['00:1b:21:aa:bb:cc', { group: false, broadcast: false, zero: false, valid: true,  local: false }],
  ['01:80:c2:00:00:00', { group: true,  broadcast: false, zero: false, valid: false, local: false }],
  ['ff:ff:ff:ff:ff:ff', { group: true,  broadcast: true,  zero: false, valid: false, local: true }],
  ['00:00:00:00:00:00', { group: false, broadcast: false, zero: true,  valid: false, local: false }],
])('%s is classified as the kernel does', (text, want) => {
  const mac = parseMac(text)!;
  expect({
    group: isMulticastEther(mac, 0),
    broadcast: isBroadcastEther(mac, 0),
    zero: isZeroEther(mac, 0),
    valid: isValidEtherAddr(mac, 0),
    local: isLocalEther(mac, 0),
  }).toEqual(want);
});

test('dashes and capitals are read', () => {
  expect(parseMac('02-AB-cd-00-00-01')).toEqual(Uint8Array.of(2, 0xab, 0xcd, 0, 0, 1));
});

test.each([
  '',
  '02:00:00:00:00',
  '02:00:00:00:00:01:02',
  '02:00:00:00:00:0g',
  '2:0:0:0:0:1',
  '02:00-00:00:00:01',
  ' 02:00:00:00:00:01',
])('%j is no MAC', (text) => {
  expect(parseMac(text)).toBeNull();
});
