import { describe, expect, test } from 'vitest';
import { parseLab } from './lab.ts';
import { configuredQdiscs, type Qdisc, QdiscPut } from './qdisc.ts';
import { mergeOptions } from './qdisc-options.ts';
import { parseSize } from './tc-units.ts';

const IDLE = { bytes: 0, packets: 0, drops: 0, overlimits: 0, requeues: 0, backlog: 0, qlen: 0 };

// biome-ignore format: one rule a line
test.each([
  ['a delay with its unit',               'netem',    { delay: { delay: '10ms' } },             { delay: { delay: 0.01 } }],
  ['a section written as one value',      'netem',    { delay: '10ms', corrupt: '1%' },         { delay: { delay: 0.01 }, corrupt: { corrupt: 0.01 } }],
  ['a number, as tc prints it',           'netem',    { 'loss-random': { loss: 0.005 } },       { 'loss-random': { loss: 0.005 } }],
  ['a rate in bits, told in bytes',       'netem',    { rate: '20mbit' },                       { rate: { rate: 2_500_000 } }],
  ['a rate in bytes, as tc prints it',    'tbf',      { rate: 2_500_000, burst: 10240 },        { rate: 2_500_000, burst: 10240 }],
  ['a rate that is cut to whole bytes',   'netem',    { rate: '15bit' },                        { rate: { rate: 1 } }],
  ['no rate at all',                      'netem',    { rate: 0 },                              { rate: { rate: 0 } }],
  ['a size by powers of two',             'tbf',      { burst: '10kb', limit: '1mb' },          { burst: 10240, limit: 1048576 }],
  ['a latency in microseconds',           'tbf',      { lat: '50ms' },                          { lat: 50_000 }],
  ['times of fq_codel in microseconds',   'fq_codel', { target: '5ms', interval: 100_000 },     { target: 5000, interval: 100_000 }],
  ['whatever a kind nobody knows takes',  'cake',     { bandwidth: '1gbit' },                   { bandwidth: '1gbit' }],
])('%s is read', (_what, kind, options, want) => {
  expect(QdiscPut.parse({ kind, options })).toEqual({ kind, mode: 'replace', options: want });
});

// biome-ignore format: one refusal a line
test.each([
  ['a loss of 101 %',               'netem',    { 'loss-random': '101%' },      'options.loss-random.loss', /"101%" is outside 0 to 1/],
  ['a loss of 1.01',                'netem',    { 'loss-random': { loss: 1.01 } }, 'options.loss-random.loss', /outside 0 to 1/],
  ['a negative delay',              'netem',    { delay: { delay: '-5ms' } },   'options.delay.delay',      /"-5ms" is not understood/],
  ['a negative delay in seconds',   'netem',    { delay: -0.005 },              'options.delay.delay',      /-0.005 is outside/],
  ['a delay without a unit',        'netem',    { delay: '10' },                'options.delay.delay',      /a time with its unit/],
  ['a distribution that is none',   'netem',    { distribution: 'cauchy' },     'options.distribution',     /paretonormal/],
  ['an option of another kind',     'pfifo',    { target: '5ms' },              'options.target',                 /unknown key; known here: limit/],
  ['a limit that is negative',      'pfifo',    { limit: -1 },                  'options.limit',            />=0/],
  ['a rate that tc would make 0',   'netem',    { rate: '7bit' },               'options.rate.rate',        /"7bit" is less than a byte a second/],
  ['a rate of half a byte a second', 'tbf',     { rate: 0.5 },                  'options.rate',             /less than a byte a second: write a rate/],
  ['a rate that tc would misread',  'tbf',      { rate: '20mbps' },             'options.rate',             /a rate in bits/],
])('%s is refused, with its place', (_what, kind, options, path, text) => {
  const { error } = QdiscPut.safeParse({ kind, options });
  expect(error?.issues.map((issue) => [issue.path.join('.'), issue.message])).toEqual([
    [path, expect.stringMatching(text)],
  ]);
});

// biome-ignore format: one handle or parent a line
test.each([
  [{ handle: '1:' }, { handle: '1:' }],
  [{ handle: '001:0' }, { handle: '1:' }],
  [{ handle: 'ABC:' }, { handle: 'abc:' }],
  [{ handle: '1:2' }, null],
  [{ handle: '12345:' }, null],
  [{ parent: 'root' }, { parent: 'root' }],
  [{ parent: '1:A' }, { parent: '1:a' }],
  [{ parent: 'top' }, null],
])('%o', (where, want) => {
  const read = QdiscPut.safeParse({ kind: 'pfifo', ...where });
  expect(read.success ? read.data : null).toEqual(want && { kind: 'pfifo', mode: 'replace', options: {}, ...want });
});

describe('a patch of options', () => {
  const netem = { limit: 1000, delay: { delay: 0.01, jitter: 0.002 }, 'loss-random': { loss: 0.1 }, seed: 7 };

  // biome-ignore format: one rule a line
  test.each([
    ['merges within a section',                      'netem',    netem, { delay: { jitter: 0.001 } },  { ...netem, delay: { delay: 0.01, jitter: 0.001 } }],
    ['that names another loss model takes its place', 'netem',   netem, { 'loss-state': { p13: 0.1 } }, { limit: 1000, delay: netem.delay, seed: 7, 'loss-state': { p13: 0.1 } }],
    ['leaves a latency alone',                       'tbf',      { rate: 1, burst: 2, lat: 3 }, { rate: 9 }, { rate: 9, burst: 2, lat: 3 }],
    ['puts a limit in place of a latency',           'tbf',      { rate: 1, burst: 2, lat: 3 }, { limit: 9 }, { rate: 1, burst: 2, limit: 9 }],
    ['does not send back flows that cannot change',  'fq_codel', { limit: 10, flows: 1024 }, { limit: 20 }, { limit: 20 }],
    ['does not send back what is only told',         'pfifo_fast', { bands: 3 }, {}, {}],
  ])('%s', (_what, kind, dump, patch, want) => {
    expect(mergeOptions(kind, dump, patch)).toEqual(want);
  });
});

test('of what is shown, the configured ones are kept: a default has the handle 0:', () => {
  const shown: Qdisc[] = [
    { kind: 'prio', handle: '1:', dev: 'eth0', root: true, options: { bands: 3 }, ...IDLE },
    { kind: 'pfifo', handle: '0:', dev: 'eth0', parent: '1:1', options: { limit: 1000 }, ...IDLE },
    { kind: 'netem', handle: '8001:', dev: 'eth0', parent: '1:2', options: { limit: 1000 }, ...IDLE },
  ];
  expect(configuredQdiscs(shown)).toEqual([
    { kind: 'prio', handle: '1:', options: { bands: 3 } },
    { kind: 'netem', handle: '8001:', parent: '1:2', options: { limit: 1000 } },
  ]);
});

test('a lab keeps qdiscs and ethtool settings, and reads back what it wrote', () => {
  const eth0 = {
    qdisc: [{ kind: 'netem', options: { delay: '10ms', 'loss-random': '0.5%' } }],
    ethtool: { ring: { rx: 64 }, features: { 'tx-tcp-segmentation': false } },
    altnames: ['wan'],
    group: 'default',
    mode: 'dormant',
  };
  const lab = parseLab({ nodes: { h1: { devices: { eth0 } } } });
  expect(lab.nodes['h1']!.devices['eth0']).toMatchObject({
    qdisc: [{ kind: 'netem', options: { delay: { delay: 0.01 }, 'loss-random': { loss: 0.005 } } }],
    group: 0,
  });
  expect(parseLab(lab)).toEqual(lab);
});

test('a tree as wide as PUT makes it one by one is one that a lab may have', () => {
  const children = Array.from({ length: 272 }, (_, i) => ({
    kind: 'pfifo',
    parent: `1:${(i + 1).toString(16)}`,
  }));
  const qdisc = [{ kind: 'prio', handle: '1:' }, ...children];
  expect(
    parseLab({ nodes: { h1: { devices: { eth0: { qdisc } } } } }).nodes['h1']!.devices['eth0']!.qdisc,
  ).toHaveLength(273);
});

test('a wrong option in a lab is named with its path', () => {
  const qdisc = [{ kind: 'netem', options: { delay: 'soon' } }];
  expect(() => parseLab({ nodes: { h1: { devices: { eth0: { qdisc } } } } })).toThrow(
    /nodes\.h1\.devices\.eth0\.qdisc\[0\]\.options\.delay\.delay/,
  );
});

// biome-ignore format: one size a line
test.each([['10', 10], ['10b', 10], ['1k', 1024], ['1.5kb', 1536], ['1mb', 1048576], ['8kbit', 1024], ['x', null], ['-1', null]])(
  'a size of %s',
  (text, bytes) => expect(parseSize(text)).toBe(bytes),
);
