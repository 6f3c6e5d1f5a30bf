import { expect, test } from 'vitest';
import { readIpWords } from './ip-words.ts';

const read = (line: string) => readIpWords(line.split(' ').filter((word) => word !== ''));
const none = { json: false, pretty: false, details: false, brief: false, stats: 0, node: null };

// biome-ignore format: one line of words a line
test.each([
  ['',                          {}],
  ['-j link',                   { json: true }],
  ['-json -p link',             { json: true, pretty: true }],
  ['-d -s -s link',             { details: true, stats: 2 }],
  ['-s -stats -details l',      { details: true, stats: 2 }],
  ['-br link',                  { brief: true }],
  ['-n h1 link',                { node: 'h1' }],
  ['-netns h1 -j link show',    { node: 'h1', json: true }],
])('"ip %s" is understood as iproute2 understands it', (line, options) => {
  expect(read(line).options).toEqual({ ...none, ...options });
});

// biome-ignore format: one command a line
test.each([
  ['link',                       { what: 'show', dev: null, up: false, kind: null }],
  ['l sh eth0',                  { what: 'show', dev: 'eth0', up: false, kind: null }],
  ['link list dev eth0',         { what: 'show', dev: 'eth0', up: false, kind: null }],
  ['link show up type wslink',   { what: 'show', dev: null, up: true, kind: 'wslink' }],
  ['link set eth0 up',           { what: 'set', dev: 'eth0', patch: { up: true } }],
  ['link set dev eth0 down mtu 1400', { what: 'set', dev: 'eth0', patch: { up: false, mtu: 1400 } }],
  ['li se eth0 address 02:00:00:00:00:01 qlen 50', { what: 'set', dev: 'eth0', patch: { address: '02:00:00:00:00:01', txqlen: 50 } }],
  ['link set eth0 promisc on carrier off alias up', { what: 'set', dev: 'eth0', patch: { promisc: true, carrier: false, ifalias: 'up' } }],
  ['link help',                  { what: 'help' }],
])('"ip %s" is that command', (line, command) => {
  expect(read(line).command).toEqual(command);
});

// biome-ignore format: one mistake a line
test.each([
  ['-x link',                    'Option "-x" is unknown'],
  ['rule',                       'Object "rule" is unknown'],
  ['link add eth1',              'Command "add" is unknown'],
  ['link set',                   'Not enough information: "dev" argument is required.'],
  ['link set eth0 mtu abc',      'Error: argument "abc" is wrong: Invalid "mtu" value'],
  ['link set eth0 mtu',          '"mtu" wants a value'],
  ['link set eth0 foo',          'Error: either "dev" is duplicate, or "foo" is a garbage.'],
  ['link set eth0 promisc yes',  'must be one of "on off"'],
])('"ip %s" is refused in the words of iproute2', (line, text) => {
  expect(() => read(line)).toThrow(text);
});
