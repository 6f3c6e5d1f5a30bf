/** The texts and the JSON are what iproute2 6.1 printed in a namespace with a veth pair. */
import { IpLink } from '@etherloom/schema';
import { expect, test } from 'vitest';
import {
  type Addressed,
  addressesJson,
  briefAddresses,
  briefAddressesJson,
  formatAddresses,
  onelineAddresses,
} from './ip-addr.ts';
import { links } from './ip-link.fixture.ts';

const v0 = IpLink.parse(links.find((link) => (link as { ifname: string }).ifname === 'v0'));
const forever = { valid_life_time: 4294967295, preferred_life_time: 4294967295 };
const inet = { family: 'inet', local: '10.0.0.1', prefixlen: 24, broadcast: '10.0.0.255', scope: 'global', label: 'v0', ...forever }; // biome-ignore format: one line of text
const peer = { family: 'inet', local: '10.0.0.7', address: '10.9.0.1', prefixlen: 30, metric: 5, scope: 'global', deprecated: true, dynamic: true, label: 'v0', valid_life_time: 1000, preferred_life_time: 0 }; // biome-ignore format: one line of text
const inet6 = {
  family: 'inet6',
  local: 'fd00::1',
  prefixlen: 64,
  scope: 'global',
  nodad: true,
  protocol: 'kernel_ra',
  ...forever,
};
const each: Addressed = { link: v0, addresses: [inet, peer, inet6] };
const plain = { details: false, stats: 0 };

test('ip addr: the link, its addresses with their flags and lifetimes', () => {
  expect(formatAddresses(each, plain)).toEqual([
    '3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1400 qdisc noqueue state UP group default qlen 1000',
    '    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
    '    inet 10.0.0.1/24 brd 10.0.0.255 scope global v0',
    '       valid_lft forever preferred_lft forever',
    '    inet 10.0.0.7 peer 10.9.0.1/30 metric 5 scope global deprecated dynamic v0',
    '       valid_lft 1000sec preferred_lft 0sec',
    '    inet6 fd00::1/64 scope global nodad proto kernel_ra ',
    '       valid_lft forever preferred_lft forever',
  ]);
});

test('ip -4 addr leaves the link layer out; -d has the alias, -s the counters behind the addresses', () => {
  expect(formatAddresses(each, { ...plain, bare: true })[1]).toMatch(/^ {4}inet /);
  expect(formatAddresses(each, plain).join()).not.toContain('alias');
  expect(formatAddresses(each, { ...plain, details: true })).toContain('    alias to the office');
  expect(formatAddresses(each, { ...plain, stats: 1 }).slice(-4)[0]).toMatch(/^ {4}RX: {2}bytes/);
});

test('ip addr show label has the addresses alone', () => {
  const shown = formatAddresses(each, { ...plain, addressesOnly: true });
  expect(shown).toHaveLength(6);
  expect(shown[0]).toMatch(/^ {4}inet 10\.0\.0\.1\/24 /);
});

test('ip -br addr and ip -o addr take a line a device, a line an address', () => {
  expect(briefAddresses(each)).toBe(
    'v0@v1            UP             10.0.0.1/24 10.0.0.7 peer 10.9.0.1/30 metric 5 fd00::1/64 ',
  );
  expect(onelineAddresses(each)[2]).toBe(
    '3: v0    inet6 fd00::1/64 scope global nodad proto kernel_ra \\       valid_lft forever preferred_lft forever',
  );
});

test('JSON has the keys of iproute2 in its order, whatever order they came in', () => {
  const shuffled = {
    ...each,
    addresses: [Object.fromEntries(Object.entries(peer).reverse()) as typeof peer],
  };
  const { addr_info, ...link } = addressesJson(shuffled, plain);
  expect(Object.keys(link)).toEqual(['ifindex', 'link', 'ifname', 'flags', 'mtu', 'qdisc', 'operstate', 'group', 'txqlen', 'link_type', 'address', 'broadcast']); // biome-ignore format: one line of text
  expect(Object.keys((addr_info as object[])[0]!)).toEqual(['family', 'local', 'address', 'prefixlen', 'metric', 'scope', 'deprecated', 'dynamic', 'label', 'valid_life_time', 'preferred_life_time']); // biome-ignore format: one line of text
  expect(briefAddressesJson(each)).toMatchObject({ ifname: 'v0', operstate: 'UP', addr_info: [{ local: '10.0.0.1', prefixlen: 24 }, {}, {}] }); // biome-ignore format: one line of text
});
