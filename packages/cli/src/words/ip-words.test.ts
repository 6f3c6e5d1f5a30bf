import { expect, test } from 'vitest';
import type { CliError } from '../cli-error.ts';
import { readIpWords } from './ip-words.ts';

const read = (line: string) => readIpWords(line.split(' ').filter((word) => word !== ''));
const none = {
  json: false,
  pretty: false,
  details: false,
  brief: false,
  oneline: false,
  stats: 0,
  family: null,
  node: null,
};

// biome-ignore format: one line of words a line
test.each([
  ['',                          {}],
  ['-j link',                   { json: true }],
  ['-json -p link',             { json: true, pretty: true }],
  ['-d -s -s link',             { details: true, stats: 2 }],
  ['-s -stats -details l',      { details: true, stats: 2 }],
  ['-br link',                  { brief: true }],
  ['-o -4 a',                   { oneline: true, family: 'inet' }],
  ['-f inet6 a',                { family: 'inet6' }],
  ['-n h1 link',                { node: 'h1' }],
  ['-netns h1 -j link show',    { node: 'h1', json: true }],
])('"ip %s" is understood as iproute2 understands it', (line, options) => {
  expect(read(line).options).toEqual({ ...none, ...options });
});

const links = { dev: null, up: false, kind: null, group: null, master: null };
const addresses = { dev: null, up: false, kind: null, scope: null, to: null };
const neighbours = { dev: null, to: null, nud: [] };

// biome-ignore format: one command a line
test.each([
  ['',                           { what: 'show', filter: links }],
  ['link',                       { what: 'show', filter: links }],
  ['l sh eth0',                  { what: 'show', filter: { ...links, dev: 'eth0' } }],
  ['link list dev eth0',         { what: 'show', filter: { ...links, dev: 'eth0' } }],
  ['link show up type wslink',   { what: 'show', filter: { ...links, up: true, kind: 'wslink' } }],
  ['link show group 7 master br0', { what: 'show', filter: { ...links, group: '7', master: 'br0' } }],
  ['link set eth0 up',           { what: 'set', dev: 'eth0', patch: { up: true } }],
  ['link set dev eth0 down mtu 1400', { what: 'set', dev: 'eth0', patch: { up: false, mtu: 1400 } }],
  ['li se eth0 address 2:00:00:00:00:AB qlen 50', { what: 'set', dev: 'eth0', patch: { address: '02:00:00:00:00:ab', txqlen: 50 } }],
  ['link set eth0 promisc on carrier off alias up', { what: 'set', dev: 'eth0', patch: { promisc: true, carrier: false, ifalias: 'up' } }],
  ['link set eth0 allmulticast on group 7 mode dormant', { what: 'set', dev: 'eth0', patch: { allmulticast: true, group: 7, mode: 'dormant' } }],
  ['link set eth0 group default arp off multicast off', { what: 'set', dev: 'eth0', patch: { group: 0, arp: false, multicast: false } }],
  ['link property add dev eth0 altname wire altname lan', { what: 'property', verb: 'add', dev: 'eth0', altnames: ['wire', 'lan'] }],
  ['link property del dev eth0 altname wire', { what: 'property', verb: 'del', dev: 'eth0', altnames: ['wire'] }],
  ['link help',                  { what: 'help' }],
  ['a',                          { what: 'addresses', filter: addresses }],
  ['addr show dev eth0 scope link to 10.0.0.0/8 up', { what: 'addresses', filter: { ...addresses, dev: 'eth0', scope: 'link', to: '10.0.0.0/8', up: true } }],
  ['n',                          { what: 'neighbours', filter: neighbours }],
  ['neigh show dev eth0 nud reachable 10.0.0.2', { what: 'neighbours', filter: { dev: 'eth0', nud: ['REACHABLE'], to: '10.0.0.2' } }],
])('"ip %s" is that command', (line, command) => {
  expect(read(line).command).toEqual(command);
});

// biome-ignore format: one mistake a line
test.each([
  ['-x link',                    255, 'Option "-x" is unknown'],
  ['-c link',                    255, 'Option "-c" is not supported: this output has no colours'],
  ['-color=always link',         255, 'is not supported'],
  ['rule',                       1,   'Object "rule" is unknown'],
  ['link add eth1 type dummy',   255, '"ip link add" is not supported: devices come and go with the lab'],
  ['link foo',                   255, 'Command "foo" is unknown'],
  ['link set',                   255, 'Not enough information: "dev" argument is required.'],
  ['link set dev',               255, 'Command line is not complete. Try option "help"'],
  ['link set eth0 mtu abc',      255, 'Error: argument "abc" is wrong: Invalid "mtu" value'],
  ['link set eth0 mtu',          255, 'Command line is not complete. Try option "help"'],
  ['link set eth0 mtu 1 mtu 2',  255, 'Error: duplicate "mtu": "2" is the second value.'],
  ['link set eth0 foo',          255, 'Error: either "dev" is duplicate, or "foo" is a garbage.'],
  ['link set eth0 promisc yes',  1,   'Error: argument of "promisc" must be "on" or "off", not "yes"'],
  ['link set eth0 address zz',   1,   '"zz" is invalid lladdr.'],
  ['link set eth0 mode foo',     255, 'Error: argument "foo" is wrong: Invalid link mode'],
  ['link set eth0 group foo',    255, 'Error: argument "foo" is wrong: Invalid "group" value'],
  ['link set eth0 netns h2',     255, '"netns" cannot be set on a device of a lab'],
  ['link show eth0 eth1',        255, 'Error: either "dev" is duplicate, or "eth1" is a garbage.'],
  ['link property add dev eth0 altname', 255, 'Command line is not complete.'],
  ['link property add altname x', 255, 'Not enough information: "dev" argument is required.'],
  ['addr foo',                   255, 'Command "foo" is unknown'],
  ['addr add 10.0.0.1/24 dev eth0', 255, '"ip address add" is not supported: addresses are the lab\'s'],
  ['neigh show foo',             1,   'Error: any valid prefix is expected rather than "foo".'],
  ['neigh show nud foo',         255, 'Error: argument "foo" is wrong: nud state is bad'],
])('"ip %s" is refused with %i, in the words of iproute2', (line, exitCode, text) => {
  const error = refusalOf(() => read(line));
  expect(error.message).toContain(text);
  expect(error.exitCode).toBe(exitCode);
});

function refusalOf(run: () => unknown): CliError {
  try {
    run();
  } catch (error) {
    return error as CliError;
  }
  throw new Error('not refused');
}
