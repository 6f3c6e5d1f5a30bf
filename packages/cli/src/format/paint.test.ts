/** The texts are what `ip -c` of iproute2 6.1 printed, with ^ for the escape character. */
import { IpLink } from '@etherloom/schema';
import { expect, test } from 'vitest';
import { briefAddresses, formatAddresses, onelineAddresses } from './ip-addr.ts';
import { links } from './ip-link.fixture.ts';
import { formatBrief, linkLines } from './ip-link.ts';
import { briefNeighbour, formatNeighbour } from './ip-neigh.ts';
import { colours, PLAIN, paintFor } from './paint.ts';
import { formatQdisc } from './tc-qdisc.ts';

const paint = colours(false);
const shown = (text: string): string => text.replaceAll('\u001b', '^');
const link: IpLink = { ...IpLink.parse(links.find((each) => (each as { ifname: string }).ifname === 'v0')), ifname: 'v0', link: 'v1', operstate: 'UP', address: '02:00:00:00:00:01' }; // biome-ignore format: one device
const address = { family: 'inet', local: '10.0.0.1', address: '10.0.0.2', prefixlen: 24, broadcast: '10.0.0.255', scope: 'global', label: 'v0' }; // biome-ignore format: one address
const inet6 = { family: 'inet6', local: 'fe80::1', prefixlen: 64, scope: 'link' };
const each = { link, addresses: [address, inet6] };
const view = { details: false, stats: 0, paint };

test('ip -c link: name, state and addresses of the link', () => {
  const [head, second] = linkLines(link, view).map(shown);
  expect(head).toMatch(/^\d+: \^\[36mv0@v1: \^\[0m<.* state \^\[32mUP \^\[0mmode DEFAULT /);
  expect(second).toBe('    link/ether ^[33m02:00:00:00:00:01^[0m brd ^[33mff:ff:ff:ff:ff:ff^[0m');
  expect(shown(linkLines({ ...link, operstate: 'DOWN' }, view)[0]!)).toContain(' state ^[31mDOWN ^[0mmode');
  expect(linkLines({ ...link, operstate: 'LOWERLAYERDOWN' }, view)[0]).toContain(
    ' state LOWERLAYERDOWN mode',
  );
  expect(shown(formatBrief(link, paint))).toMatch(
    /^\^\[36mv0@v1 {12}\^\[0m\^\[32mUP {13}\^\[0m\^\[33m02:00:00:00:00:01 \^\[0m</,
  );
});

test('ip -c addr: addresses by family', () => {
  const lines = formatAddresses(each, view).map(shown);
  expect(lines).toContain(
    '    inet ^[35m10.0.0.1^[0m peer ^[35m10.0.0.2^[0m/24 brd ^[35m10.0.0.255 ^[0mscope global v0',
  );
  expect(lines.at(-1)).toBe('    inet6 ^[34mfe80::1^[0m/64 scope link ');
  expect(shown(onelineAddresses(each, paint)[1]!)).toContain(': v0    inet6 ^[34mfe80::1^[0m/64 ');
  expect(shown(briefAddresses(each, paint))).toBe(
    '^[36mv0@v1            ^[0m^[32mUP             ^[0m^[35m10.0.0.1^[0m peer ^[35m10.0.0.2^[0m/24 ^[34mfe80::1^[0m/64 ',
  );
});

test('ip -c neigh and tc -color qdisc', () => {
  const neighbour = { dst: '10.0.0.9', dev: 'v0', lladdr: '02:00:00:00:00:09', state: ['PERMANENT'] };
  expect(shown(formatNeighbour(neighbour, { stats: false, ofDevice: false, paint }))).toBe(
    '^[35m10.0.0.9 ^[0mdev ^[36mv0 ^[0mlladdr ^[33m02:00:00:00:00:09 ^[0mPERMANENT ',
  );
  expect(shown(briefNeighbour(neighbour, { stats: false, ofDevice: false, paint }))).toBe(
    `^[35m${'10.0.0.9'.padEnd(39)} ^[0m^[36m${'v0'.padEnd(16)} ^[0m^[33m02:00:00:00:00:09^[0m`,
  );
  const qdisc = { kind: 'noqueue', handle: '0:', dev: 'v0', root: true, refcnt: 2, options: {} };
  expect(shown(formatQdisc(qdisc, { stats: false, details: false, ofDevice: false, paint }))).toBe(
    'qdisc noqueue 0: dev ^[36mv0 ^[0mroot refcnt 2 ',
  );
});

// biome-ignore format: one case a line
test.each<[string, Parameters<typeof paintFor>, string]>([
  ['-c wherever it goes',           [{ color: 'always', json: false }, false, { NO_COLOR: '1' }], '^[36mx^[0m'],
  ['-c=auto on a terminal',         [{ color: 'auto', json: false }, true, {}],                   '^[36mx^[0m'],
  ['-c=auto into a pipe',           [{ color: 'auto', json: false }, false, {}],                  'x'],
  ['-c=auto with NO_COLOR',         [{ color: 'auto', json: false }, true, { NO_COLOR: '1' }],    'x'],
  ['-c=never',                      [{ color: 'never', json: false }, true, {}],                  'x'],
  ['-c -j',                         [{ color: 'always', json: true }, true, {}],                  'x'],
  ['-c on a dark background',       [{ color: 'always', json: false }, true, { COLORFGBG: '15;0' }], '^[1;36mx^[0m'],
  ['-c on a light background',      [{ color: 'always', json: false }, true, { COLORFGBG: '0;15' }], '^[36mx^[0m'],
])('%s', (_name, given, text) => {
  expect(shown(paintFor(...given)('ifname', 'x'))).toBe(text);
});

test('without a colour a text stays as it is', () => {
  expect([PLAIN('up', 'x'), paint(null, 'x')]).toEqual(['x', 'x']);
});
