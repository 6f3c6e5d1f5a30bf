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
  color: 'never',
  human: false,
  iec: false,
  batch: null,
  force: false,
  instead: null,
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
  ['-br -c link',               { brief: true, color: 'always' }],
  ['-co=auto link',             { color: 'auto' }],
  ['-color=never link',         { color: 'never' }],
  ['-h -iec -s link',           { human: true, iec: true, stats: 1 }],
  ['-b lines -force',           { batch: 'lines', force: true }],
  ['-V',                        { instead: 'version' }],
  ['-help',                     { instead: 'help' }],
  ['-t -l 3 -rc 100 -a -- link', {}],
  ['--json link',               { json: true }],
])('"ip %s" is understood as iproute2 understands it', (line, options) => {
  expect(read(line).options).toEqual({ ...none, ...options });
});

const links = { dev: null, up: false, kind: null, group: null, master: null, nomaster: false };
const addresses = { ...links, scope: null, to: null, label: null, flags: {} };
const neighbours = { dev: null, to: null, nud: [], unused: false, proxy: false, master: null };

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
  ['neigh show dev eth0 nud reachable 10.0.0.2', { what: 'neighbours', filter: { ...neighbours, dev: 'eth0', nud: ['REACHABLE'], to: '10.0.0.2' } }],
  ['l l',                        { what: 'show', filter: links }],
  ['link show nomaster group default', { what: 'show', filter: { ...links, nomaster: true, group: '0' } }],
  ['link show help',             { what: 'help' }],
  ['link set eth0 help',         { what: 'help' }],
  ['link prop del dev eth0 altname a', { what: 'property', verb: 'del', dev: 'eth0', altnames: ['a'] }],
  ['link set eth0 mtu 02734 group 0x7', { what: 'set', dev: 'eth0', patch: { mtu: 1500, group: 7 } }],
  ['a s group 7 label eth*',     { what: 'addresses', filter: { ...addresses, group: '7', label: 'eth*' } }],
  ['addr show -dynamic primary tentative', { what: 'addresses', filter: { ...addresses, flags: { dynamic: false, secondary: false, tentative: true } } }],
  ['addr show permanent -primary', { what: 'addresses', filter: { ...addresses, flags: { dynamic: false, secondary: true } } }],
  ['addr show scope 0xfd to 10.1/16', { what: 'addresses', filter: { ...addresses, scope: 'link', to: '10.1.0.0/16' } }],
  ['addr show to any',           { what: 'addresses', filter: addresses }],
  ['neigh show 10/8 unused',     { what: 'neighbours', filter: { ...neighbours, to: '10.0.0.0/8', unused: true } }],
  ['neigh show nud 0x6',         { what: 'neighbours', filter: { ...neighbours, nud: ['REACHABLE', 'STALE'] } }],
  ['neigh show all proxy',       { what: 'neighbours', filter: { ...neighbours, proxy: true } }],
])('"ip %s" is that command', (line, command) => {
  expect(read(line).command).toEqual(command);
});

// biome-ignore format: one mistake a line
test.each([
  ['-x link',                    255, 'Option "-x" is unknown'],
  ['-e link',                    255, 'Option "-e" is unknown'],
  ['-color=foo link',            255, 'Option "-color=foo" is unknown'],
  ['-r link',                    255, 'Option "-resolve" is not supported: addresses are shown as they are'],
  ['foo',                        1,   'Object "foo" is unknown'],
  ['ru',                         1,   'Object "rule" is not supported: here are link, address and neigh.'],
  ['r',                          1,   'etherloom exec NODE -- ip route'],
  ['monitor link',               1,   'Object "monitor" is not supported: nothing tells changes as they come'],
  ['link d eth0',                255, '"ip link delete" is not supported'],
  ['link xs type bridge',        255, '"ip link xstats" is not supported'],
  ['link show group foo',        255, 'Error: argument "foo" is wrong: Invalid "group" value'],
  ['link show vrf red',          255, 'Error: argument "red" is wrong: Not a valid VRF name'],
  ['link set eth0 carrier 1',    22,  'Error: argument of "carrier" must be one of "off", "on", not "1"'],
  ['a a 10.0.0.1/24 dev eth0',   255, '"ip address add" is not supported'],
  ['a f dev eth0',               255, '"ip address flush" is not supported'],
  ['addr show to 10.0.0.1/33',   1,   'Error: any valid prefix is expected rather than "10.0.0.1/33".'],
  ['addr show to 1.2.3.4.5',     1,   'Error: any valid prefix is expected rather than "1.2.3.4.5".'],
  ['addr show scope 300',        255, 'Error: argument "300" is wrong: invalid "scope"'],
  ['n a 10.0.0.2 dev eth0',      255, '"ip neigh add" is not supported'],
  ['neigh foo',                  255, 'Command "foo" is unknown, try "etherloom ip neigh help".'],
  ['neigh show dev a dev b',     255, 'Error: duplicate "dev": "b" is the second value.'],
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
