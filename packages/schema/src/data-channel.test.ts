import { expect, test } from 'vitest';
import { AgentHello, RPC_METHODS } from './agent-rpc.ts';
import { DataFromNode, DataFromSwitch } from './data-channel.ts';

const hello = {
  type: 'hello',
  node: 'h1',
  device: 'eth0',
  mac: '02:00:00:00:00:01',
  mtu: 1500,
  epoch: 'a1',
  tx: 0,
  rx: 0,
  up: true,
  features: [],
};

test('a newer version may say more than this one knows', () => {
  expect(DataFromNode.parse({ ...hello, colour: 'red' })).toEqual(hello);
});

// biome-ignore format: one case a line
test.each([
  ['a hello from a multicast address', { ...hello, mac: '01:00:00:00:00:01' }],
  ['a hello with an MTU of 70000', { ...hello, mtu: 70_000 }],
  ['a hello with a counter below zero', { ...hello, tx: -1 }],
  ['a hello with half a frame', { ...hello, tx: 1.5 }],
  ['a hello with more frames than can be', { ...hello, rx: 1e300 }],
  ['a hello of a node with a slash', { ...hello, node: 'a/b' }],
  ['a mark without its answer', { type: 'mark', id: 1, tx: 0 }],
  ['a welcome, which is the switch\'s to say', { type: 'welcome', port: 1, mtu: 1500, carrier: true, features: [] }],
  ['an unknown type', { type: 'hullo' }],
  ['no object', 'hello'],
])('a switch does not take %s', (_, message) => {
  expect(DataFromNode.safeParse(message).success).toBe(false);
});

// biome-ignore format: one case a line
test.each([
  ['a welcome', { type: 'welcome', port: 1, mtu: 1500, carrier: true, features: [] }],
  ['a bye', { type: 'bye', code: 'moving', reason: 'restart' }],
  ['a carrier', { type: 'carrier', on: false }],
  ['an MTU', { type: 'mtu', mtu: 1400 }],
  ['a mark', { type: 'mark', id: 1, tx: 5 }],
])('a node takes %s as it was sent', (_, message) => {
  expect(DataFromSwitch.parse(message)).toEqual(message);
});

test('a switch says where its data goes, a node has nothing of the kind', () => {
  const who = { name: 's1', version: '0.1.0', pid: 1 };
  expect(AgentHello.safeParse({ role: 'switch', ...who, dataUrl: 'ws://s1:8081' }).success).toBe(true);
  expect(AgentHello.safeParse({ role: 'switch', ...who }).success).toBe(false);
  expect(AgentHello.safeParse({ role: 'node', ...who, dataUrl: 'ws://s1:8081' }).success).toBe(false);
});

test('a patch that crosses to a node names only what was patched', () => {
  const params = { device: 'eth0', patch: { mtu: 1400 } };
  expect(RPC_METHODS['device.set'].params.parse(params)).toEqual(params);
});
