import { expect, test } from 'vitest';
import { encodeAddress, encodeDefaultRoute, ipBytes, parsePrefix } from './address-message.ts';
import { decodeAttributes } from './netlink-message.ts';

// biome-ignore format: one case a line
test.each([
  ['10.0.0.1',          '0a000001'],
  ['fd00::1',           'fd000000000000000000000000000001'],
  ['::',                '00000000000000000000000000000000'],
  ['2001:db8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
  ['2001:db8::',        '20010db8000000000000000000000000'],
  ['::ffff:192.0.2.1',  '00000000000000000000ffffc0000201'],
])('%s is read as the kernel wants it', (text, hex) => {
  expect(ipBytes(text).toString('hex')).toBe(hex);
});

test.each([
  '10.0.0.300/24',
  '10.0.0.1/33',
  'fd00::1/129',
  '10.0.0.1/',
  'fe80::1%eth0/64',
  'h1',
  '10.0.0.1/-1',
])('%s is refused with EINVAL', (text) => {
  expect(() => parsePrefix(text)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});

test('an IPv4 address brings its broadcast address', () => {
  const { header, attributes } = encodeAddress(42, parsePrefix('10.1.2.3/20'));
  expect(header.toString('hex')).toBe('021400002a000000');
  const values = decodeAttributes(Buffer.concat(attributes), 0);
  expect(values.get(2)?.toString('hex')).toBe('0a010203');
  expect(values.get(4)?.toString('hex')).toBe('0a010fff');
});

test('an IPv6 address skips duplicate address detection', () => {
  const { header, attributes } = encodeAddress(42, parsePrefix('fd00::1/64'));
  expect(header.toString('hex')).toBe('0a4000002a000000');
  expect(decodeAttributes(Buffer.concat(attributes), 0).get(8)?.readUInt32LE(0)).toBe(2);
});

test('a default route goes by its gateway and its interface', () => {
  const { header, attributes } = encodeDefaultRoute(42, '10.0.0.254');
  expect(header.toString('hex')).toBe('02000000fe04000100000000');
  const values = decodeAttributes(Buffer.concat(attributes), 0);
  expect(values.get(5)?.toString('hex')).toBe('0a0000fe');
  expect(values.get(4)?.readUInt32LE(0)).toBe(42);
});
