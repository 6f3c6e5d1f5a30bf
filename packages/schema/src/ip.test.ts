import { expect, test } from 'vitest';
import { Cidr, cidrContains, parseCidr, parseIp } from './ip.ts';

test.each([
  ['10.0.0.1', 0x0a000001n],
  ['255.255.255.255', 0xffffffffn],
  ['::', 0n],
  ['::1', 1n],
  ['fd00::3', 0xfd00_0000_0000_0000_0000_0000_0000_0003n],
  ['::ffff:10.0.0.1', 0xffff_0a00_0001n],
  ['1:2:3:4:5:6:7:8', 0x0001_0002_0003_0004_0005_0006_0007_0008n],
])('%s has its value', (text, value) => {
  expect(parseIp(text)?.value).toBe(value);
});

test('one IPv6 address in two spellings has one value', () => {
  expect(parseIp('FD00:0:0::3')).toEqual(parseIp('fd00::3'));
});

test.each(['10.0.0', '10.0.0.256', '1::2::3', '', 'x', '010.0.0.1'])('%j is no address', (text) => {
  expect(parseIp(text)).toBeNull();
});

test.each([
  ['10.0.0.0/24', '10.0.0.255', true],
  ['10.0.0.0/24', '10.0.1.0', false],
  ['10.0.0.1/32', '10.0.0.1', true],
  ['0.0.0.0/0', '8.8.8.8', true],
  ['fd00::/64', 'fd00::ffff', true],
  ['fd00::/64', 'fd00:0:0:1::1', false],
  ['10.0.0.0/8', '::1', false],
])('%s holds %s: %s', (cidr, ip, holds) => {
  expect(cidrContains(parseCidr(cidr)!, parseIp(ip)!)).toBe(holds);
});

test.each([
  '10.0.0.1',
  '10.0.0.1/33',
  'fd00::1/129',
  '224.0.0.1/24',
  'ff02::1/64',
  '0.0.0.0/0',
  '255.255.255.255/32',
])('%s is no address of a station', (text) => {
  expect(Cidr.safeParse(text).success).toBe(false);
});
