/** The texts and the JSON are what iproute2 6.1 printed. */
import { expect, test } from 'vitest';
import { briefNeighbour, formatNeighbour, neighbourJson } from './ip-neigh.ts';

const fixed = { dst: '10.0.0.9', dev: 'v0', lladdr: '02:00:00:00:00:09', used: 0, confirmed: 0, updated: 0, probes: 0, state: ['PERMANENT'] }; // biome-ignore format: one line of text
const router = { dst: 'fe80::5', dev: 'v0', lladdr: '02:00:00:00:00:05', router: null, refcnt: 1, used: 3, confirmed: 2, updated: 1, probes: 0, state: ['REACHABLE'] }; // biome-ignore format: one line of text
const failed = { dst: 'fd00::1', dev: 'eth0', state: ['FAILED'] };
const any = { stats: false, ofDevice: false };

// biome-ignore format: one neighbour a line
test.each([
  [fixed,  any,                             '10.0.0.9 dev v0 lladdr 02:00:00:00:00:09 PERMANENT '],
  [router, any,                             'fe80::5 dev v0 lladdr 02:00:00:00:00:05 router REACHABLE '],
  [failed, any,                             'fd00::1 dev eth0 FAILED '],
  [fixed,  { ...any, ofDevice: true },      '10.0.0.9 lladdr 02:00:00:00:00:09 PERMANENT '],
  [fixed,  { ...any, stats: true },         '10.0.0.9 dev v0 lladdr 02:00:00:00:00:09  used 0/0/0probes 0 PERMANENT '],
  [router, { ...any, stats: true },         'fe80::5 dev v0 lladdr 02:00:00:00:00:05 router  ref 1 used 3/2/1probes 0 REACHABLE '],
  [failed, { ...any, stats: true },         'fd00::1 dev eth0 FAILED '],
])('%j with %j', (neighbour, view, text) => {
  expect(formatNeighbour(neighbour, view)).toBe(text);
});

test('ip -br neigh is a table', () => {
  expect(briefNeighbour(fixed, any)).toBe(
    '10.0.0.9                                v0               02:00:00:00:00:09',
  );
});

test('JSON has the counters with -s alone, and no device when one was asked for', () => {
  expect(JSON.stringify(neighbourJson(router, any))).toBe(
    '{"dst":"fe80::5","dev":"v0","lladdr":"02:00:00:00:00:05","router":null,"state":["REACHABLE"]}',
  );
  expect(Object.keys(neighbourJson(router, { stats: true, ofDevice: true }))).toEqual(['dst', 'lladdr', 'router', 'refcnt', 'used', 'confirmed', 'updated', 'probes', 'state']); // biome-ignore format: one line of text
});
