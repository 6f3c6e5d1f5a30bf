/** Super-frames through a switch: verbatim to who takes them, as the frames they are made of to everybody and everything else. */
import { type L4Frame, l4Frame, l4VnetFrame, mac, VirtualHost } from '@etherloom/testkit';
import { beforeEach, expect, test } from 'vitest';
import { FakeDevice, FakeSwitch, frameOf, type LinkOptions, linkSlice } from './testing.ts';

const ZERO = new Uint8Array(10);
const payload = (n: number): Uint8Array => new Uint8Array(n).map((_, i) => i * 31 + (i >> 8));
const TCP: L4Frame = { payload: payload(3500), flags: 0x18, seq: 77 };
const HEADERS = 54;
let sw: FakeSwitch<VirtualHost>;

beforeEach(() => {
  sw = new FakeSwitch(new VirtualHost(1));
});

function device(name: string, vnet: boolean): FakeDevice {
  const made = new FakeDevice(name);
  made.vnet = vnet;
  made.connect(sw.door);
  return made;
}

/** From station 1 to station 2 (255: to all). */
function addressed(bytes: Uint8Array, at = 10, to = 2): Uint8Array {
  bytes.set(to === 255 ? new Uint8Array(6).fill(255) : mac(to), at);
  bytes.set(mac(1), at + 6);
  return bytes;
}

const superFrame = (f: L4Frame, size: number, to = 2): Uint8Array => addressed(l4VnetFrame(f, size), 10, to);

/** What a wire would carry in its place. */
function cut(f: L4Frame, size: number, to = 2): Uint8Array[] {
  const n = Math.ceil(f.payload.length / size);
  return Array.from({ length: n }, (_, i) => {
    const part = f.payload.subarray(i * size, (i + 1) * size);
    const flags = i < n - 1 ? (f.flags ?? 0x10) & ~0x09 : (f.flags ?? 0x10);
    const seq = (f.seq ?? 1000) + i * size;
    return addressed(l4Frame({ ...f, payload: part, flags, seq, id: (f.id ?? 1) + i }), 0, to);
  });
}

const plain = (frames: Uint8Array[]): Uint8Array[] => frames.map((frame) => Uint8Array.of(...ZERO, ...frame));
const bytesOf = (frames: Uint8Array[]): number => frames.reduce((sum, frame) => sum + frame.length, 0);

function wire(aVnet: boolean, bVnet: boolean, options: LinkOptions = {}): [FakeDevice, FakeDevice] {
  sw.apply(linkSlice('h1:eth0', 'h2:eth0', options));
  return [device('h1:eth0', aVnet), device('h2:eth0', bVnet)];
}

async function stats() {
  const { forward, balanced } = await sw.stats('h1-eth0--h2-eth0');
  expect(balanced).toBe(true);
  return forward;
}

test('a port is told that super-frames are welcome only if it offered them', () => {
  const [h1, h2] = wire(true, false);
  expect(h1.heard[0]).toMatchObject({ type: 'welcome', features: ['vnet'] });
  expect(h2.heard[0]).toMatchObject({ type: 'welcome', features: [] });
});

test('between two that take them they pass as they are, and count as frames and bytes of a wire', async () => {
  const [h1, h2] = wire(true, true);
  h1.send([superFrame(TCP, 1000), Uint8Array.of(...ZERO, ...addressed(frameOf(1, 2, 80), 0))]);
  sw.host.runTurns();
  expect(h2.frames).toEqual([
    superFrame(TCP, 1000),
    Uint8Array.of(...ZERO, ...addressed(frameOf(1, 2, 80), 0)),
  ]);
  const bytes = 3500 + 4 * HEADERS + 80;
  expect(await stats()).toMatchObject({ tx: 5, rx: 5, txBytes: bytes, rxBytes: bytes, drops: {} });
});

// biome-ignore format: one case a line
test.each<[string, L4Frame, number]>([
  ['TCP over IPv4',           TCP,                             1000],
  ['TCP over IPv6',           { ...TCP, ipv6: true },           900],
  ['TCP in a VLAN',           { ...TCP, vlan: 5 },             1400],
  ['TCP over IPv6 in a VLAN', { ...TCP, ipv6: true, vlan: 5 }, 1400],
  ['UDP over IPv4',           { payload: TCP.payload, udp: true },             1200],
  ['UDP over IPv6',           { payload: TCP.payload, udp: true, ipv6: true }, 1200],
  ['64 KiB',                  { payload: payload(65_000) },    1448],
])('a port that takes none hears the frames that a wire would have carried: %s', async (_name, f, size) => {
  const [h1, h2] = wire(true, false);
  const frames = cut(f, size);
  h1.send([superFrame(f, size)]);
  sw.host.runTurns();
  expect(h2.frames).toEqual(frames);
  expect(await stats()).toMatchObject({ tx: frames.length, rx: frames.length, txBytes: bytesOf(frames), rxBytes: bytesOf(frames) });
});

test('a port that takes none hears checksums that had been left out, and whole frames as they were', () => {
  const [h1, h2] = wire(true, false);
  const whole = addressed(l4Frame(TCP), 0);
  for (const f of [{ payload: payload(99) }, { payload: payload(98), udp: true, ipv6: true }]) {
    h2.frames = [];
    h1.send([addressed(l4VnetFrame(f)), Uint8Array.of(...ZERO, ...whole)]);
    sw.host.runTurns();
    expect(h2.frames).toEqual([addressed(l4Frame(f), 0), whole]);
  }
});

test('what a plain port sends arrives behind a header that asks for nothing', async () => {
  const [h1, h2] = wire(false, true);
  const frames = Array.from({ length: 1500 }, (_, i) => frameOf(1, 2, 60 + (i % 100), i));
  h1.send(frames);
  sw.host.runTurns();
  expect(h2.frames).toEqual(plain(frames));
  expect(await stats()).toMatchObject({ tx: 1500, rx: 1500, rxBytes: bytesOf(frames) });
});

test('a flood reaches each port as it takes frames', () => {
  sw.apply(...['h1:eth0', 'h2:eth0', 'h3:eth0'].map((name) => linkSlice(name, 'lan:office')));
  const [h1, h2, h3] = [device('h1:eth0', true), device('h2:eth0', true), device('h3:eth0', false)];
  const f = { payload: payload(2000), udp: true };
  h1.send([superFrame(f, 500, 255)]);
  sw.host.runTurns();
  expect(h2.frames).toEqual([superFrame(f, 500, 255)]);
  expect(h3.frames).toEqual(cut(f, 500, 255));
  expect(sw.fabric.lan('office').ports().map(({ rx, tx }) => [rx, tx])).toEqual([[4, 0], [0, 4], [0, 4]]); // biome-ignore format: a table
});

test('an impaired link loses and delays frames of a wire, not super-frames', async () => {
  const [h1, h2] = wire(true, true, { forward: { delay: 0.01, loss: 0.3 } });
  const f = { payload: payload(60_000) };
  h1.send([superFrame(f, 600)]);
  sw.host.runTurns();
  expect(h2.frames).toEqual([]);
  sw.host.advance(10);
  expect(h2.frames.length).toBeGreaterThan(50);
  expect(h2.frames.length).toBeLessThan(90);
  const sent = new Set(plain(cut(f, 600)).map(String));
  expect(h2.frames.every((frame) => sent.has(String(frame)))).toBe(true);
  expect(await stats()).toMatchObject({
    tx: 100,
    rx: h2.frames.length,
    drops: { NETEM_LOSS: 100 - h2.frames.length },
  });
});

test('the MTU of a link is one of segments, tags apart', async () => {
  const [h1, h2] = wire(true, true, { mtu: 1040 });
  const fits = superFrame(TCP, 1000);
  const tagged = superFrame({ ...TCP, vlan: 7 }, 1000);
  h1.send([fits, superFrame(TCP, 1001), tagged, superFrame({ ...TCP, vlan: 7 }, 1001)]);
  sw.host.runTurns();
  expect(h2.frames).toEqual([fits, tagged]);
  expect(await stats()).toMatchObject({ tx: 16, rx: 8, drops: { PKT_TOO_BIG: 8 } });
});

test('a queue that is full drops super-frames as their segments', async () => {
  sw = new FakeSwitch(new VirtualHost(1), { frames: 10, bytes: 1 << 20, age: 1000, highWater: 1 });
  const [h1, h2] = wire(true, true);
  h2.stall(true);
  for (let i = 0; i < 6; i++) {
    h1.send([superFrame(TCP, 1000)]);
    sw.host.runTurns();
  }
  h2.stall(false);
  sw.host.runTurns();
  expect(h2.frames.length).toBe(3); // one with the socket, two of four frames in the queue
  expect(await stats()).toMatchObject({ tx: 24, rx: 12, drops: { QUEUE_FRAMES: 12 }, queue: 0 });
});

test('a device that comes back without the feature hears plain frames', () => {
  const [h1, h2] = wire(true, true);
  h2.cut();
  h2.vnet = false;
  h2.connect(sw.door);
  h1.send([superFrame(TCP, 1000)]);
  sw.host.runTurns();
  expect(h2.frames).toEqual(cut(TCP, 1000));
});

test('a queue of super-frames holds four times the bytes of another: a window of TCP fits', async () => {
  sw = new FakeSwitch(new VirtualHost(1), { frames: 1000, bytes: 5000, age: 1000, highWater: 1 });
  const [h1, h2] = wire(true, true);
  h2.stall(true);
  for (let i = 0; i < 8; i++) {
    h1.send([superFrame(TCP, 1000)]);
    sw.host.runTurns();
  }
  h2.stall(false);
  sw.host.runTurns();
  expect(h2.frames.length).toBe(1 + 5); // one with the socket, and 17,840 bytes
  expect(await stats()).toMatchObject({ tx: 32, rx: 24, drops: { QUEUE_BYTES: 8 } });
});
