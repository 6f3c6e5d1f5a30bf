import { describe, expect, test } from 'vitest';
import { type Impair, ImpairPatch } from './impair.ts';
import { parseLab } from './lab.ts';
import { effectiveImpair, type Link, mergeLink, resolveLink } from './link.ts';

const SEED = 7;
const cable = (forward: object = {}): Link =>
  resolveLink('lab', {
    endpoints: ['h1:eth0', 'lan:office'],
    impair: { forward: read({ seed: SEED, ...forward }) },
  });
const read = (written: object) => ImpairPatch.parse(written);
const patched = (link: Link, forward: object | null): Link =>
  mergeLink(link, { impair: { forward: forward === null ? null : read(forward) } });
const shown = ({ impair: { forward } }: Link): Partial<Impair> => forward;

/** Every field, in the units of people, and what is kept of it. */
const FIELDS: readonly [string, unknown, unknown][] = [
  ['delay', '10ms', 0.01],
  ['jitter', '250us', 0.00025],
  ['delayCorrelation', '25%', 0.25],
  ['distribution', 'pareto', 'pareto'],
  ['loss', '0.25%', 0.0025],
  ['lossCorrelation', 0.5, 0.5],
  ['lossState', { p13: '1%', p31: '30%' }, { p13: 0.01, p31: 0.3 }],
  ['lossGemodel', { p: '1%', '1-k': '0.1%' }, { p: 0.01, '1-k': 0.001 }],
  ['duplicate', '1%', 0.01],
  ['duplicateCorrelation', '10%', 0.1],
  ['corrupt', '0.1%', 0.001],
  ['corruptCorrelation', '10%', 0.1],
  ['reorder', '25%', 0.25],
  ['reorderCorrelation', '50%', 0.5],
  ['gap', 5, 5],
  ['rate', '1.5mbit', 1_500_000],
  ['packetOverhead', -14, -14],
  ['cellSize', 53, 53],
  ['cellOverhead', 5, 5],
  ['slot', { minDelay: '5ms', packets: 32 }, { minDelay: 0.005, packets: 32 }],
  ['limit', 2000, 2000],
  ['seed', 42, 42],
  ['ordered', true, true],
  ['ecn', true, true],
];

describe('a patch', () => {
  test.each(FIELDS)('that names %s alone changes nothing else', (field, written, kept) => {
    const before = cable({ delay: '7ms', loss: '7%', corrupt: '7%', slot: { bytes: 7, minDelay: 7 } });
    const want = { ...shown(before), [field]: kept };
    if (field === 'slot') Object.assign(want, { slot: { bytes: 7, minDelay: 0.005, packets: 32 } });
    expect(shown(patched(before, { [field]: written }))).toEqual(want);
  });

  test.each(FIELDS)('%s can be written in units or as the number that comes back', (field, written, kept) => {
    expect(shown(cable({ [field]: kept }))).toEqual(shown(cable({ [field]: written })));
  });

  test('of a direction leaves the other one alone', () => {
    const before = cable({ delay: '7ms' });
    const after = mergeLink(before, { impair: { reverse: read({ loss: '1%' }) } });
    expect(after.impair.forward).toEqual(before.impair.forward);
  });

  test('null takes everything away and keeps the seed; a zero takes its own field away', () => {
    const before = cable({ delay: '7ms', duplicate: '1%', lossState: { p13: '1%' } });
    expect(shown(patched(before, null))).toEqual(shown(cable()));
    expect(shown(patched(before, { lossState: null, duplicate: 0, delay: 0 }))).toEqual(shown(cable()));
  });

  test('a link that has nothing set tells six numbers, not thirty', () => {
    expect(shown(cable())).toEqual({ delay: 0, jitter: 0, loss: 0, rate: 0, limit: 0, seed: SEED });
  });
});

const parts = (forward: object) => effectiveImpair(cable(forward).impair).forward;

// biome-ignore format: one case a line
test.each([
  ['the other probabilities of lossState as tc does',    { lossState: { p13: 0.2 } },   { lossState: { p13: 0.2, p31: 0.8, p32: 0, p23: 1, p14: 0 } }],
  ['those of lossGemodel: all is lost while it is bad',  { lossGemodel: { p: 0.2 } },   { lossGemodel: { p: 0.2, r: 0.8, '1-h': 1, '1-k': 0 } }],
  ['a named one stays',                                  { lossGemodel: { p: 0.2, r: 0, '1-h': 0.5, '1-k': 0.1 } }, { lossGemodel: { p: 0.2, r: 0, '1-h': 0.5, '1-k': 0.1 } }],
  ['any frame may overtake when no gap is told',         { delay: 1, reorder: 0.5 },    { gap: 1 }],
])('what follows from the rest is filled in: %s', (_name, written, want) => {
  expect(parts(written)).toMatchObject(want);
});

const lab = (forward: object) =>
  parseLab({
    nodes: { h1: { devices: { eth0: {} } }, h2: { devices: { eth0: {} } } },
    links: [{ endpoints: ['h1:eth0', 'h2:eth0'], impair: { forward } }],
  });

// biome-ignore format: one case a line
test.each([
  ['a loss of 101 %',                  { loss: '101%' },                              /outside 0 to 1/],
  ['a negative delay',                 { delay: '-1ms' },                             /write a time/],
  ['a negative delay as a number',     { delay: -0.001 },                             /outside 0/],
  ['a limit below 0',                  { limit: -1 },                                 />=0/],
  ['a limit that is no whole number',  { limit: 1.5 },                                /int/],
  ['a seed of 33 bits',                { seed: 2 ** 32 },                             /4294967295/],
  ['an unknown distribution',          { delay: 1, jitter: 1, distribution: 'zipf' }, /uniform.*normal.*pareto.*paretonormal/],
  ['a correlation of 2',               { lossCorrelation: 2 },                        /outside 0 to 1/],
  ['a word nobody knows',              { los: '1%' },                                 /unknown key; known here: delay, jitter/],
  ['reorder without a delay',          { reorder: '25%' },                            /reordering not possible without specifying some delay/],
  ['a gap without reorder',            { delay: 1, gap: 5 },                          /gap specified without reorder probability/],
  ['a distribution without jitter',    { delay: 1, distribution: 'normal' },          /distribution specified but no latency and jitter values/],
  ['ecn without a loss',               { ecn: true },                                 /ecn requested without loss model/],
  ['loss and lossState',               { loss: 0.1, lossState: { p13: 0.1 } },        /duplicate loss argument/],
  ['lossState and lossGemodel',        { lossGemodel: { p: 0.1 }, lossState: { p13: 0.1 } }, /duplicate loss argument/],
  ['lossState without its first',      { lossState: { p31: 0.1 } },                   /p13/],
  ['lossGemodel without its first',    { lossGemodel: { r: 0.1 } },                   /p is what/],
  ['a p13 above 1',                    { lossState: { p13: '101%' } },                /lossState\.p13.*outside 0 to 1/],
  ['a slot that ends before it begins', { slot: { minDelay: 2, maxDelay: 1 } },       /Illegal "slot max_delay"/],
  ['a slot told twice',                { slot: { minDelay: 2, delay: 1 } },           /not both/],
  ['a slot of no time',                { slot: { packets: 2 } },                      /says how long/],
])('%s is refused: EINVAL, with its place', (_name, forward, text) => {
  const read = () => lab(forward);
  expect(read).toThrow(text);
  expect(read).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  expect(read).toThrow(/links\[0\]\.impair\.forward/);
});

// biome-ignore format: one case a line
test.each([
  ['jitter without a delay',      { jitter: '10ms' }],
  ['jitter longer than the delay', { delay: '10ms', jitter: '20ms' }],
  ['everything at once',          { delay: '10ms', jitter: '2ms', delayCorrelation: '25%', distribution: 'normal', loss: '1%', duplicate: '1%', corrupt: '1%', reorder: '5%', gap: 3, rate: '1mbit', packetOverhead: 4, cellSize: 48, cellOverhead: 5, slot: { minDelay: '1ms' }, ecn: true, ordered: true, limit: 10, seed: 1 }],
])('%s is taken, as tc takes it', (_name, forward) => {
  expect(() => lab(forward)).not.toThrow();
});
