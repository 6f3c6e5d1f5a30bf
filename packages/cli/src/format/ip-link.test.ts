import { IpLink } from '@etherloom/schema';
import { expect, test } from 'vitest';
import { links as given, texts } from './ip-link.fixture.ts';
import { formatBrief, formatLink, type LinkView } from './ip-link.ts';
import { linkJson } from './ip-link-json.ts';

const links = given.map((link) => IpLink.parse(link));
const tap = links.find((link) => link.ifname === 'tap0')!;

// biome-ignore format: one set of options a line
test.each<[string, LinkView]>([
  ['',         { details: false, stats: 0 }],
  ['-s',       { details: false, stats: 1 }],
  ['-d',       { details: true,  stats: 0 }],
  ['-s -s',    { details: false, stats: 2 }],
  ['-d -s -s', { details: true,  stats: 2 }],
])('ip %s link prints what iproute2 prints, byte for byte', (options, view) => {
  expect(links.map((link) => formatLink(link, view)).join('\n')).toBe(texts[options]);
});

test("-d shows a driver's own words behind its kind", () => {
  const wslink = { ...tap, linkinfo: { info_kind: 'wslink', info_data: { link_mtu: 1400 } } };
  expect(formatLink(wslink, { details: true, stats: 0 })).toContain('\n    wslink link_mtu 1400 addrgenmode');
});

test('columns widen with the counters, as iproute2 sizes them', () => {
  const busy = structuredClone(tap);
  Object.assign(busy.stats64.rx, { bytes: 12_345_678_901, packets: 123_456_789, nohandler: 7 });
  expect(formatLink(busy, { details: false, stats: 2 }).split('\n').slice(3, 7)).toEqual([
    '    RX:   bytes   packets errors dropped  missed   mcast           ',
    '    12345678901 123456789      0       0       0       0 ',
    '    RX errors:     length    crc   frame    fifo overrun  nohandler',
    '                        0      0       0       0       0          7 ',
  ]);
});

test.each<[string, LinkView, string[], string[]]>([
  ['-j', { details: false, stats: 0 }, ['ifname', 'ifalias'], ['promiscuity', 'linkinfo', 'stats64']],
  ['-j -d', { details: true, stats: 0 }, ['promiscuity', 'linkinfo', 'ifalias'], ['stats64']],
  ['-j -s', { details: false, stats: 1 }, ['stats64'], ['min_mtu']],
])('ip %s shows the keys iproute2 shows, no more', (_options, view, shown, hidden) => {
  const json = linkJson(tap, view);
  expect(Object.keys(json)).toEqual(expect.arrayContaining(shown));
  for (const key of hidden) expect(json).not.toHaveProperty(key);
});

test('error counters take a second -s in JSON too', () => {
  const once = linkJson(tap, { details: false, stats: 1 })['stats64'];
  expect(once).toEqual({
    rx: { bytes: 0, packets: 0, errors: 0, dropped: 0, over_errors: 0, multicast: 0 },
    tx: { bytes: 0, packets: 0, errors: 0, dropped: 0, carrier_errors: 0, collisions: 0 },
  });
  expect(linkJson(tap, { details: false, stats: 2 })['stats64']).toEqual(tap.stats64);
});

test('a queue of no length is not told, in text or in JSON, as in iproute2', () => {
  const short = { ...tap, txqlen: 0 };
  const view = { details: false, stats: 0 };
  expect(linkJson(short, view)).not.toHaveProperty('txqlen');
  expect(formatLink(short, view).split('\n', 1)[0]).toMatch(/ group default $/);
});

// biome-ignore format: one counter a line
test.each([
  [999,                {},             '999'],
  [1000,               {},             '1.00k'],
  [1024,               { iec: true },  '1.00ki'],
  [135_928,            {},             '136k'],
  [136_970,            { iec: true },  '134ki'],
  [12_345_678,         {},             '12.3M'],
  [9_876_543_210,      {},             '9.88G'],
])('ip -h -s: %i bytes with %j are %s, in a column as wide as all its digits', (bytes, more, text) => {
  const busy = structuredClone(tap);
  Object.assign(busy.stats64.rx, { bytes });
  const [, numbers] = formatLink(busy, { details: false, stats: 1, human: true, ...more }).split('\n').slice(-4);
  const width = Math.max(10, String(bytes).length);
  expect(numbers!.slice(4, 4 + width)).toBe(text.padStart(width));
});

test('ip -br link prints name, state, address and flags', () => {
  expect(formatBrief(tap)).toBe(
    'tap0             DOWN           02:00:00:00:00:03 <NO-CARRIER,BROADCAST,MULTICAST,PROMISC,UP> ',
  );
});
