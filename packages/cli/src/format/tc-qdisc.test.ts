import { expect, test } from 'vitest';
import { toolJson } from './json.ts';
import { g } from './printf.ts';
import { formatQdisc, qdiscJson } from './tc-qdisc.ts';
import { rateText, secondsText, sizeText } from './tc-units.ts';

const plain = { stats: false, details: false, ofDevice: true };
const shown = (kind: string, options: Record<string, unknown>) =>
  formatQdisc({ kind, handle: '1:', dev: 'eth0', root: true, refcnt: 2, options }, plain).replace(
    'qdisc ',
    '',
  );

const prio = { bands: 3, priomap: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], multiqueue: false };
const fqCodel = { limit: 10240, flows: 1024, quantum: 1514, target: 4999, interval: 99999, memory_limit: 33554432, ecn: true, drop_batch: 64 }; // biome-ignore format: one line of text

// biome-ignore format: one qdisc a line
test.each<[string, Record<string, unknown>, string]>([
  ['pfifo',      { limit: 1000 },                              'limit 1000p'],
  ['bfifo',      { limit: 10240 },                             'limit 10Kb'],
  ['pfifo_fast', prio,                                         'bands 3 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1'],
  ['prio',       { ...prio, multiqueue: true },                'bands 3 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1 multiqueue: on '],
  ['tbf',        { rate: 125000, burst: 10240, lat: 50000 },   'rate 1Mbit burst 10Kb lat 50ms '],
  ['tbf',        { rate: 125000, burst: 10244, peakrate: 250000, minburst: 1544, lat: 78048, overhead: 4 }, 'rate 1Mbit burst 10Kb peakrate 2Mbit minburst 1544b lat 78ms overhead 4 '],
  ['fq_codel',   fqCodel,                                      'limit 10240p flows 1024 quantum 1514 target 5ms interval 100ms memory_limit 32Mb ecn drop_batch 64 '],
  ['noqueue',    {},                                           ''],
  ['netem',      { limit: 1000 },                              'limit 1000'],
  ['netem',      { limit: 1000, delay: { delay: 0.1, jitter: 0, correlation: 0 } }, 'limit 1000 delay 100ms'],
  ['netem',      { limit: 1000, delay: { delay: 0.1, jitter: 0.01, correlation: 0.25 } }, 'limit 1000 delay 100ms  10ms 25%'],
  ['netem',      { limit: 1000, 'loss-random': { loss: 0.003, correlation: 0.25 } }, 'limit 1000 loss 0.3% 25%'],
  ['netem',      { limit: 1000, 'loss-state': { p13: 0.01, p31: 0.2, p32: 0.03, p23: 0.4, p14: 0.05 } }, 'limit 1000 loss state p13 1% p31 20% p32 3% p23 40% p14 5%'],
  ['netem',      { limit: 1000, 'loss-gemodel': { p: 0.01, r: 0.1, '1-h': 0.7, '1-k': 0.001 }, ecn: true }, 'limit 1000 loss gemodel p 1% r 10% 1-h 70% 1-k 0.1% ecn '],
  ['netem',      { limit: 1000, reorder: { reorder: 0.25, correlation: 0.5 }, gap: 5 }, 'limit 1000 reorder 25% 50% gap 5'],
  ['netem',      { limit: 1000, rate: { rate: 125000, packetoverhead: 10, cellsize: 40, celloverhead: -5 } }, 'limit 1000 rate 1Mbit packetoverhead 10 cellsize 40 celloverhead -5'],
  ['netem',      { limit: 1000, slot: { 'min-delay': 0.0008, 'max-delay': 0.001, packets: 10, bytes: 2000 }, seed: 42 }, 'limit 1000 slot 800us 1ms packets 10 bytes 2000 seed 42'],
  ['netem',      { limit: 1000, slot: { distribution: 0.01, jitter: 0.001, packets: 5, bytes: 0 } }, 'limit 1000 slot distribution 10ms 1ms packets 5'],
])('%s with %j is told in the words of tc', (kind, options, text) => {
  expect(shown(kind, options)).toBe(`${kind} 1: root refcnt 2 ${text}`);
});

const busy = { kind: 'pfifo', handle: '8001:', dev: 'eth0', parent: '1:2', options: { limit: 10 }, bytes: 1500, packets: 2, drops: 3, overlimits: 4, requeues: 5, backlog: 2048, qlen: 6 }; // biome-ignore format: one line of text

test('-s adds what was sent, dropped and is queued; without a device asked for it is named', () => {
  expect(formatQdisc(busy, { stats: true, details: false, ofDevice: false }).split('\n')).toEqual([
    'qdisc pfifo 8001: dev eth0 parent 1:2 limit 10p',
    ' Sent 1500 bytes 2 pkt (dropped 3, overlimits 4 requeues 5) ',
    ' backlog 2Kb 6p requeues 5',
  ]);
});

test('JSON has the counters with -s alone, the device when none was asked for, and nothing tc does not print', () => {
  expect(Object.keys(qdiscJson(busy, plain))).toEqual(['kind', 'handle', 'parent', 'options']);
  expect(qdiscJson(busy, { ...plain, stats: true, ofDevice: false })).toEqual(busy);
  const netem = { ...busy, kind: 'netem', options: { limit: 5, distribution: 'normal' } };
  expect(qdiscJson(netem, plain)['options']).toEqual({ limit: 5, ecn: false, gap: 0 });
  expect(qdiscJson(netem, { ...plain, details: true })['options']).toHaveProperty('distribution', 'normal');
});

// biome-ignore format: one quantity a line
test.each([
  [sizeText(1600), '1600b'], [sizeText(2048), '2Kb'], [sizeText(1024 * 1024 + 100), '1Mb'], [sizeText(0), '0b'],
  [secondsText(1.234), '1.23s'], [secondsText(0.9999), '1e+03ms'], [secondsText(2.5e-6), '2.5us'], [secondsText(64e-9), '64ns'],
  [rateText(125), '1Kbit'], [rateText(187500), '1500Kbit'], [rateText(154320), '1234Kbit'], [rateText(1.25e9), '10Gbit'], [rateText(1), '8bit'],
  [g(0.1 + 0.2), '0.3'], [g(1e-5), '1e-05'], [g(123456789), '1.23457e+08'], [g(0.00012345678), '0.000123457'], [g(0), '0'],
])('%s is %s', (text, want) => {
  expect(text).toBe(want);
});

test('pretty JSON is laid out as iproute2 lays it out', () => {
  const value = [
    { a: 1, list: [1, 2], none: [], in: { x: 0.1 + 0.2 }, empty: {}, each: [{ y: null }] },
    { b: 'x' },
  ];
  expect(toolJson(value, true)).toBe(
    '[ {\n        "a": 1,\n        "list": [ 1,2 ],\n        "none": [ ],\n        "in": {\n            "x": 0.3\n        },\n' +
      '        "empty": {},\n        "each": [ {\n                "y": null\n            } ]\n    },{\n        "b": "x"\n    } ]',
  );
  expect(JSON.parse(toolJson(value, false))[0]['in']).toEqual({ x: 0.3 });
});
