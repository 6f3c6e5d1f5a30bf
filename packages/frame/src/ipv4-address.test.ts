import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatCidr,
  formatIpv4,
  INADDR_BROADCAST,
  ipv4Broadcast,
  ipv4InPrefix,
  ipv4IsLoopback,
  ipv4IsMulticast,
  ipv4IsZeronet,
  ipv4Network,
  parseCidr,
  parseIpv4,
  prefixMask,
} from './ipv4-address.ts';

const address = fc.integer({ min: 0, max: 0xffffffff });
const prefix = fc.integer({ min: 0, max: 32 });

test('an address survives text and back', () => {
  fc.assert(
    fc.property(address, (a) => {
      expect(parseIpv4(formatIpv4(a))).toBe(a);
    }),
  );
});

test('a prefix survives text and back', () => {
  fc.assert(
    fc.property(address, prefix, (a, n) => {
      const cidr = { address: a, prefixLen: n };
      expect(parseCidr(formatCidr(cidr))).toEqual(cidr);
    }),
  );
});

test.each([
  '',
  '10.0.0',
  '10.0.0.0.1',
  '10.0.0.256',
  '010.0.0.1',
  '10.0.0.-1',
  '10.0.0.1 ',
  '1e1.0.0.1',
  'a.b.c.d',
  '::1',
])('%j is no IPv4 address', (text) => {
  expect(parseIpv4(text)).toBeNull();
});

test.each(['10.0.0.1/33', '10.0.0.1/', '10.0.0.1/-1', '10.0.0.1/24/8', '10.0.0.1/024', '/24', 'fd00::3/64'])(
  '%j is no prefix',
  (text) => {
    expect(parseCidr(text)).toBeNull();
  },
);

test('an address without a length is a host', () => {
  expect(parseCidr('10.0.0.1')).toEqual({ address: 0x0a000001, prefixLen: 32 });
});

// biome-ignore format: one case a line
test.each([
  ['10.1.2.3', 24, '10.1.2.0', '10.1.2.255'],
  ['10.1.2.3', 16, '10.1.0.0', '10.1.255.255'],
  ['200.1.2.3', 0, '0.0.0.0',  '255.255.255.255'],
  ['10.1.2.3', 30, '10.1.2.0', '10.1.2.3'],
  ['10.1.2.3', 31, '10.1.2.2', '255.255.255.255'],
  ['10.1.2.3', 32, '10.1.2.3', '255.255.255.255'],
])('%s/%i is in network %s with broadcast %s', (text, len, network, broadcast) => {
  const a = parseIpv4(text)!;
  expect(formatIpv4(ipv4Network(a, len))).toBe(network);
  expect(formatIpv4(ipv4Broadcast(a, len))).toBe(broadcast);
});

test('an address is in a prefix exactly when the networks are the same', () => {
  fc.assert(
    fc.property(address, address, prefix, (a, b, n) => {
      expect(ipv4InPrefix(a, b, n)).toBe(ipv4Network(a, n) === ipv4Network(b, n));
    }),
  );
});

test('masks and special ranges', () => {
  expect([0, 1, 24, 32].map(prefixMask)).toEqual([0, 0x80000000, 0xffffff00, 0xffffffff]);
  const classes = ['0.1.2.3', '127.0.0.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '128.0.0.1'].map(
    (text) => {
      const a = parseIpv4(text)!;
      return `${ipv4IsZeronet(a) ? 'z' : '-'}${ipv4IsLoopback(a) ? 'l' : '-'}${ipv4IsMulticast(a) ? 'm' : '-'}`;
    },
  );
  expect(classes).toEqual(['z--', '-l-', '--m', '--m', '---', '---']);
  expect(parseIpv4('255.255.255.255')).toBe(INADDR_BROADCAST);
});
