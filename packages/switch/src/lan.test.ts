import type { LanPort } from '@etherloom/schema';
import { BROADCAST, ethernetFrame, heapPerCall, mac, VirtualHost } from '@etherloom/testkit';
import { beforeEach, expect, test } from 'vitest';
import { Lan } from './lan.ts';
import type { RunSink } from './run-sink.ts';
import type { FakeDevice } from './testing.ts';
import { batch, FakeSwitch, frameOf, linkSlice, noOf } from './testing.ts';

let sw: FakeSwitch<VirtualHost>;
let h1: FakeDevice;
let h2: FakeDevice;
let h3: FakeDevice;

beforeEach(() => {
  sw = new FakeSwitch(new VirtualHost(1));
  [h1, h2, h3] = sw.office();
});

function turn(): void {
  sw.host.runTurns();
}

function numbers(device: FakeDevice): number[] {
  return device.frames.map(noOf);
}

test('a broadcast reaches everybody but its sender, byte for byte', () => {
  const frame = ethernetFrame({ dst: BROADCAST, src: mac(1), length: 100 });
  h1.send([frame]);
  turn();
  expect([h1, h2, h3].map((h) => h.frames.length)).toEqual([0, 1, 1]);
  expect(Buffer.compare(h2.frames[0]!, frame)).toBe(0);
});

test('one turn’s frames for a port leave as one message, in order, however they were mixed', () => {
  h2.send([frameOf(2, 255)]);
  h3.send([frameOf(3, 255)]);
  turn();
  for (const h of [h1, h2, h3]) [h.frames, h.messages] = [[], 0];
  h1.send([frameOf(1, 2, 64, 1), frameOf(1, 3, 64, 2), frameOf(1, 2, 90, 3), frameOf(1, 2, 64, 4)]);
  h3.send([frameOf(3, 2, 64, 5)]);
  expect(h2.messages).toBe(0);
  turn();
  expect([numbers(h2), h2.messages]).toEqual([[1, 3, 4, 5], 1]);
  expect([numbers(h3), h3.messages]).toEqual([[2], 1]);
});

test('in a batch where every frame is for another port each port gets its own, floods among them, in order', () => {
  h2.send([frameOf(2, 255)]);
  h3.send([frameOf(3, 255)]);
  turn();
  for (const h of [h1, h2, h3]) h.frames = [];
  const before = sw.fabric.lan('office').bridge.forwarded;
  // To 2, to 3, to everybody, to 1 itself; one in a while is long.
  const to = Array.from({ length: 120 }, (_, k) => [2, 3, 2, 3, 2, 3, 255, 3, 2, 1][k % 10]!);
  h1.send(to.map((dst, k) => frameOf(1, dst, k % 16 === 3 ? 1514 : 64, k)));
  turn();
  const heard = (no: number) => [...to.keys()].filter((k) => to[k] === no || to[k] === 255);
  expect(numbers(h2)).toEqual(heard(2));
  expect(numbers(h3)).toEqual(heard(3));
  expect(h2.frames.map((frame) => frame.length)).toEqual(heard(2).map((k) => (k % 16 === 3 ? 1514 : 64)));
  expect(numbers(h1)).toEqual([]);
  // 12 are floods, 12 would leave by the port they came from.
  expect(sw.fabric.lan('office').bridge.forwarded - before).toBe(96);
});

test('a long run passes uncopied between short ones and keeps its place', () => {
  h2.send([frameOf(2, 255)]);
  turn();
  h2.frames = [];
  const long = Array.from({ length: 40 }, (_, i) => frameOf(1, 2, 1514, 10 + i));
  h1.send([frameOf(1, 2, 64, 1)]);
  h1.send(long);
  h1.send([frameOf(1, 2, 64, 2)]);
  turn();
  expect(numbers(h2)).toEqual([1, ...long.map(noOf), 2]);
});

test('a station that falls silent is flooded for again after the LAN’s ageing time', () => {
  h2.send([frameOf(2, 255)]);
  sw.host.advance(299_000);
  h1.send([frameOf(1, 2)]);
  turn();
  expect(h3.frames.length).toBe(1); // the broadcast alone
  sw.host.advance(2000);
  h1.send([frameOf(1, 2)]);
  turn();
  expect(h3.frames.length).toBe(2);
});

test('what the bridge refuses is counted at the port it came from', () => {
  h1.send([frameOf(1, 255), frameOf(0xff, 2).fill(0xff, 6, 12)]);
  turn();
  const ports = sw.service.call('lan.ports', { lan: 'office' }) as LanPort[];
  expect(ports[0]!.counters).toEqual({
    rx: 2,
    tx: 0,
    rxBytes: 128,
    txBytes: 0,
    drops: { MAC_INVALID_SOURCE: 1 },
  });
});

test('a port keeps its number, and its stations, while its socket is away', () => {
  h2.send([frameOf(2, 255)]);
  turn();
  h2.cut();
  h3.frames = [];
  h1.send([frameOf(1, 2)]);
  turn();
  expect(h3.frames.length).toBe(0);
  h2.connect(sw.door);
  h1.send([frameOf(1, 2, 64, 7)]);
  turn();
  expect(numbers(h2)).toEqual([7]);
  const ports = sw.service.call('lan.ports', { lan: 'office' }) as { port: number; endpoint: string }[];
  expect(ports.map((p) => [p.port, p.endpoint])).toEqual([
    [1, 'h1:eth0'],
    [2, 'h2:eth0'],
    [3, 'h3:eth0'],
  ]);
});

test('applying the same again changes nothing; leaving a link out unplugs its device', () => {
  const links = ['h1:eth0', 'h2:eth0', 'h3:eth0'].map((name) => linkSlice(name, 'lan:office'));
  turn();
  sw.changes.length = 0;
  const heard = h1.heard.length;
  sw.apply(...links);
  turn();
  expect([sw.changes, h1.heard.length]).toEqual([[], heard]);
  sw.apply(links[0]!, links[1]!);
  expect([h1.carrier, h3.carrier]).toEqual([true, false]);
});

test('an isolated port, set by control, does not hear another isolated one', () => {
  for (const port of [1, 2]) sw.service.call('port.set', { lan: 'office', port, patch: { isolated: true } });
  h1.send([frameOf(1, 255)]);
  turn();
  expect([h2.frames.length, h3.frames.length]).toEqual([0, 1]);
});

test('the forwarding database shows names, and takes and gives up entries', () => {
  h1.send([frameOf(1, 255)]);
  const mac = '02:00:00:00:00:09';
  const added = sw.service.call('fdb.add', { lan: 'office', mac, ifname: 'h3:eth0', state: 'static' });
  expect(added).toMatchObject({ mac, ifname: 'h3:eth0', master: 'office', state: 'static' });
  expect(sw.service.call('fdb.list', { lan: 'office' })).toHaveLength(2);
  expect(sw.service.call('fdb.list', { lan: 'office' })).toContainEqual(
    expect.objectContaining({ mac: '02:00:00:00:00:01', ifname: 'h1:eth0', state: '' }),
  );
  sw.service.call('fdb.del', { lan: 'office', mac });
  expect(() => sw.service.call('fdb.del', { lan: 'office', mac })).toThrow(
    expect.objectContaining({ code: 'ENOENT' }),
  );
});

test('forwarding a batch allocates nothing per frame', () => {
  const lan = new Lan('quiet');
  let heard = 0;
  const count = {
    take: (_buf: Uint8Array, _at: number, _length: number, frames: number) => (heard += frames),
  };
  const sink = count as unknown as RunSink;
  const [a, b] = [lan.addPort('a', sink), lan.addPort('b', sink)];
  const bytes = batch([frameOf(1, 2), frameOf(1, 2)]);
  b.take(batch([frameOf(2, 255)]), 0, 68, 1, 0, 0);
  const send = () => a.take(bytes, 0, bytes.length, 2, 0, 0);
  expect(heapPerCall(send, { clean: 2 }) / 2).toBeLessThan(1);
  expect(heard).toBeGreaterThan(3);
}, 30_000);
