import { expect, test } from 'vitest';
import type { CliError } from '../cli-error.ts';
import { readPercent, readRate, readSize, readTime, readUnsigned } from './tc-units.ts';
import { readTcWords } from './tc-words.ts';

const read = (line: string) => readTcWords(line.split(' ').filter((word) => word !== '')).command;
const nowhere = { dev: null, parent: null, handle: null };
const root = { ...nowhere, dev: 'eth0', parent: 'root' };

// biome-ignore format: one command a line
test.each([
  ['',                                     { what: 'help' }],
  ['qdisc',                                { what: 'show', ...nowhere }],
  ['q ls dev eth0',                        { what: 'show', ...nowhere, dev: 'eth0' }],
  ['qdisc show dev eth0 root',             { what: 'show', ...root }],
  ['qdisc show dev eth0 parent 1:A',       { what: 'show', ...nowhere, dev: 'eth0', parent: '1:a' }],
  ['qdisc show dev eth0 handle 8001:',     { what: 'show', ...nowhere, dev: 'eth0', handle: '8001:' }],
  ['qdisc add dev eth0 root pfifo',        { what: 'modify', mode: 'add', ...root, kind: 'pfifo', options: {} }],
  ['q rep dev eth0 root handle 1 prio',    { what: 'modify', mode: 'replace', ...root, handle: '1:', kind: 'prio', options: { bands: 3, priomap: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1] } }],
  ['qdisc change dev eth0 parent 1:2 bfifo limit 10k', { what: 'modify', mode: 'change', ...nowhere, dev: 'eth0', parent: '1:2', kind: 'bfifo', options: { limit: 10240 } }],
  ['qdisc del dev eth0 root',              { what: 'modify', mode: 'del', ...root, kind: null, options: {} }],
  ['qdisc add dev eth0 root foo',          { what: 'modify', mode: 'add', ...root, kind: 'foo', options: {} }],
  ['qdisc add help',                       { what: 'help' }],
  ['qdisc show dev eth0 ingress',          { what: 'show', ...nowhere, dev: 'eth0', parent: 'ingress' }],
  ['qdisc show dev eth0 parent 10002',     { what: 'show', ...nowhere, dev: 'eth0', parent: '1:2' }],
  ['qdisc show dev eth0 parent 0x1:0x2',   { what: 'show', ...nowhere, dev: 'eth0', parent: '1:2' }],
  ['qdisc show dev eth0 parent none',      { what: 'show', ...nowhere, dev: 'eth0' }],
  ['qdisc add dev eth0 parent none pfifo', { what: 'modify', mode: 'add', ...nowhere, dev: 'eth0', kind: 'pfifo', options: {} }],
  ['qdisc add root dev eth0 handle a: pfifo', { what: 'modify', mode: 'add', ...root, handle: 'a:', kind: 'pfifo', options: {} }],
])('"tc %s" is that command', (line, command) => {
  expect(read(line)).toEqual(command);
});

const optionsOf = (line: string) => (read(`qdisc add dev eth0 root ${line}`) as { options: unknown }).options;

// biome-ignore format: one qdisc a line
test.each([
  ['pfifo limit 100',                        { limit: 100 }],
  ['tbf rate 1mbit burst 10k latency 50ms',  { rate: 125000, burst: 10240, limit: 16490 }],
  ['tbf rate 1mbit burst 10kb/8 lat 50ms peakrate 2mbit mtu 1540 mpu 64 overhead 4', { rate: 125000, burst: 10240, peakrate: 250000, minburst: 1540, mpu: 64, overhead: 4, limit: 14040 }],
  ['tbf rate 1mbit burst 10k limit 0 latency 50ms', { rate: 125000, burst: 10240, limit: 16490 }],
  ['tbf rate 1mbit buffer 10k limit 20000',  { rate: 125000, burst: 10240, limit: 20000 }],
  ['prio bands 4 priomap 3 2 1 0',           { bands: 4, priomap: [3, 2, 1, 0, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1] }],
  ['fq_codel',                               {}],
  ['fq_codel limit 1000 flows 512 target 3ms interval 50ms quantum 300 noecn memory_limit 4mb ce_threshold 1ms drop_batch 32',
    { limit: 1000, flows: 512, target: 3000, interval: 50000, quantum: 300, ecn: false, memory_limit: 4194304, ce_threshold: 1000, drop_batch: 32 }],
  ['netem',                                  { limit: 1000 }],
  ['netem delay 100ms 10ms 25% distribution normal', { limit: 1000, delay: { delay: 0.1, jitter: 0.01, correlation: 0.25 }, distribution: 'normal' }],
  ['netem latency 100 10 5',                 { limit: 1000, delay: { delay: 0.0001, jitter: 0.00001, correlation: 0.05 } }],
  ['netem loss 0.3% 25%',                    { limit: 1000, 'loss-random': { loss: 0.003, correlation: 0.25 } }],
  ['netem drop random 10',                   { limit: 1000, 'loss-random': { loss: 0.1, correlation: 0 } }],
  ['netem loss state 1%',                    { limit: 1000, 'loss-state': { p13: 0.01, p31: 0.99, p32: 0, p23: 1, p14: 0 } }],
  ['netem loss state 1% 20% 3% 40% 5% ecn',  { limit: 1000, 'loss-state': { p13: 0.01, p31: 0.2, p32: 0.03, p23: 0.4, p14: 0.05 }, ecn: true }],
  ['netem loss gemodel 1%',                  { limit: 1000, 'loss-gemodel': { p: 0.01, r: 0.99, '1-h': 1, '1-k': 0 } }],
  ['netem loss gemodel 1% 10% 70% 0.1%',     { limit: 1000, 'loss-gemodel': { p: 0.01, r: 0.1, '1-h': 0.7, '1-k': 0.001 } }],
  ['netem dup 1% corrupt 0.1% 5%',           { limit: 1000, duplicate: { duplicate: 0.01, correlation: 0 }, corrupt: { corrupt: 0.001, correlation: 0.05 } }],
  ['netem delay 10ms reorder 25% 50%',       { limit: 1000, delay: { delay: 0.01, jitter: 0, correlation: 0 }, reorder: { reorder: 0.25, correlation: 0.5 }, gap: 1 }],
  ['netem delay 10ms reorder 25% gap 5',     { limit: 1000, delay: { delay: 0.01, jitter: 0, correlation: 0 }, reorder: { reorder: 0.25, correlation: 0 }, gap: 5 }],
  ['netem rate 1mbit 10 40 5',               { limit: 1000, rate: { rate: 125000, packetoverhead: 10, cellsize: 40, celloverhead: 5 } }],
  ['netem rate 1mbps -5',                    { limit: 1000, rate: { rate: 1000000, packetoverhead: -5, cellsize: 0, celloverhead: 0 } }],
  ['netem slot 800us 1ms packets 10 bytes 2k', { limit: 1000, slot: { 'min-delay': 0.0008, 'max-delay': 0.001, packets: 10, bytes: 2048 } }],
  ['netem slot 800us',                       { limit: 1000, slot: { 'min-delay': 0.0008, 'max-delay': 0.0008, packets: 0, bytes: 0 } }],
  ['netem slot distribution normal 10ms 1ms packets 5', { limit: 1000, slot: { distribution: 'normal', delay: 0.01, jitter: 0.001, packets: 5, bytes: 0 } }],
  ['netem limit 5 seed 42',                  { limit: 5, seed: 42 }],
  ['netem s 800us se 42',                    { limit: 1000, slot: { 'min-delay': 0.0008, 'max-delay': 0.0008, packets: 0, bytes: 0 }, seed: 42 }],
])('%s', (line, options) => {
  expect(optionsOf(line)).toEqual(options);
});

// biome-ignore format: one mistake a line
test.each([
  ['foo',                                    255, 'Object "foo" is unknown'],
  ['filter show',                            255, 'Object "filter" is not supported'],
  ['-z qdisc',                               255, 'Option "-z" is unknown'],
  ['qdisc foo',                              255, 'Command "foo" is unknown'],
  ['qdisc show foo',                         255, 'What is "foo"? Try "tc qdisc help".'],
  ['qdisc add dev eth0 root foo bar',        1,   'Unknown qdisc "foo", hence option "bar" is unparsable'],
  ['qdisc add dev eth0 root pfifo_fast foo', 255, "qdisc 'pfifo_fast' does not support option parsing"],
  ['qdisc add dev eth0 root pfifo foo',      1,   'pfifo: unknown parameter "foo"'],
  ['qdisc add dev eth0 root pfifo limit z',  1,   'pfifo: Illegal value for "limit": "z"'],
  ['qdisc add dev eth0 root pfifo limit',    255, 'Command line is not complete. Try option "help"'],
  ['qdisc add dev eth0 root netem foo',      1,   'What is "foo"?'],
  ['qdisc add dev eth0 root netem loss 101%', 1,  'Illegal "loss percent"'],
  ['qdisc add dev eth0 root netem loss foo', 1,   'Unknown loss parameter: foo'],
  ['qdisc add dev eth0 root netem delay -5ms', 1, 'Illegal "latency"'],
  ['qdisc add dev eth0 root netem delay 5parsec', 1, 'Illegal "latency"'],
  ['qdisc add dev eth0 root netem gap 5',    1,   'gap specified without reorder probability'],
  ['qdisc add dev eth0 root netem reorder 5%', 1, 'reordering not possible without specifying some delay'],
  ['qdisc add dev eth0 root netem distribution normal', 1, 'distribution specified but no latency and jitter values'],
  ['qdisc add dev eth0 root netem delay 1ms 1ms distribution foo', 1, 'No distribution data for foo'],
  ['qdisc add dev eth0 root netem ecn',      1,   'ecn requested without loss model'],
  ['qdisc add dev eth0 root netem slot 2ms 1ms', 1, 'Illegal "slot max_delay"'],
  ['qdisc add dev eth0 root netem slot distribution normal 1ms 0', 1, 'Non-positive jitter'],
  ['qdisc add dev eth0 root netem slot foo', 1,   'Unknown slot parameter: foo'],
  ['qdisc add dev eth0 root prio foo',       1,   'What is "foo"?'],
  ['qdisc add dev eth0 root prio priomap 5', 1,   '"priomap" element is out of bands'],
  ['qdisc add dev eth0 root prio priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1 1', 1, '"priomap" index > TC_PRIO_MAX=15'],
  ['qdisc add dev eth0 root fq_codel limit x', 1, 'Illegal "limit"'],
  ['qdisc add dev eth0 root tbf foo',        1,   'tbf: unknown parameter "foo"'],
  ['qdisc add dev eth0 root tbf rate 1mbit', 1,   'tbf: the "burst" parameter is mandatory.\ntbf: either "limit" or "latency" is required.'],
  ['qdisc add dev eth0 root tbf rate x',     1,   'tbf: illegal value for "rate": "x"'],
  ['qdisc add dev eth0 root tbf rate 1mbit rate 2mbit', 1, 'tbf: duplicate "rate" specification'],
  ['qdisc add dev eth0 root tbf rate 1mbit burst 10k limit 1 lat 1ms', 1, 'is not allowed'],
  ['qdisc add dev eth0 root handle zz: pfifo', 255, 'Error: argument "zz:" is wrong: invalid qdisc ID'],
  ['qdisc add dev eth0 parent zz pfifo',     255, 'Error: argument "zz" is wrong: invalid parent ID'],
  ['qdisc add dev eth0 root root pfifo',     255, 'Error: "root" is duplicate parent ID'],
  ['qdisc add dev eth0 root netem help',     1,   'Usage: ... netem [limit N] [delay TIME'],
  ['qdisc add dev eth0 root netem foo',      1,   'What is "foo"?\nUsage: ... netem [limit N]'],
  ['qdisc add dev eth0 root tbf help',       1,   'Usage: ... tbf rate RATE burst BYTES'],
  ['qdisc add dev eth0 root pfifo help',     1,   'Usage: ... pfifo [limit PACKETS]'],
  ['class show dev eth0',                    255, 'Object "class" is not supported: here is qdisc'],
  ['-raw qdisc',                             255, 'Option "-raw" is not supported'],
  ['-iec qdisc',                             255, 'Option "-iec" is not supported: rates are shown in thousands'],
  ['qdisc add dev eth0 dev eth1 root pfifo', 255, 'Error: duplicate "dev": "eth1" is the second value.'],
])('"tc %s" is refused with %i, in the words of tc', (line, exitCode, text) => {
  const error = refusalOf(() => read(line));
  expect(error.message).toContain(text);
  expect(error.exitCode).toBe(exitCode);
});

// biome-ignore format: one line of words a line
test.each([
  ['-s -d qdisc',               { stats: 1, details: true }],
  ['-f -b - qdisc',             { force: true, batch: '-' }],
  ['-color=auto -br -nm qdisc', { color: 'auto' }],
  ['-cf /etc/tc -t qdisc',      { color: 'never' }],
  ['-V',                        { instead: 'version' }],
  ['-h',                        { instead: 'help' }],
])('"tc %s" is understood as tc understands it', (line, options) => {
  expect(readTcWords(line.split(' ')).options).toMatchObject(options);
});

// biome-ignore format: one quantity a line
test.each([
  [readTime('10ms'), 0.01], [readTime('1.5s'), 1.5], [readTime('100'), 0.0001], [readTime('2 usecs'), null], [readTime('3SECS'), 3], [readTime('-1ms'), null],
  [readRate('20mbit'), 2.5e6], [readRate('1mbps'), 1e6], [readRate('1mibit'), 131072], [readRate('800'), 100], [readRate('1foo'), null],
  [readSize('10k'), 10240], [readSize('1mb'), 1048576], [readSize('8kbit'), 1024], [readSize('5g'), null], [readSize('1.5kb'), 1536], [readSize('0x10'), 16], [readTime('0x10ms'), 0.016],
  [readUnsigned('010'), 8], [readUnsigned('0x10'), 16], [readUnsigned('0'), 0], [readUnsigned('08'), null], [readUnsigned('-1'), null],
  [readPercent('5'), 0.05], [readPercent('0.3%'), 0.003], [readPercent('101%'), null], [readPercent('5%%'), null], [readPercent('x'), null],
])('%d is %d', (value, want) => {
  expect(value).toBe(want);
});

function refusalOf(run: () => unknown): CliError {
  try {
    run();
  } catch (error) {
    return error as CliError;
  }
  throw new Error('not refused');
}
