/** Coalescing, rings and link settings of wslink: what ethtool sets takes effect. */
import {
  consumeSkb,
  devClose,
  devOpen,
  devQueueXmit,
  ethtoolGetCoalesce,
  ethtoolGetFeatures,
  ethtoolGetRings,
  ethtoolGetSettings,
  ethtoolGetStats,
  ethtoolSet,
  ethtoolSetChannels,
  ethtoolSetCoalesce,
  ethtoolSetFeatures,
  ethtoolSetPause,
  ethtoolSetRings,
  ethtoolSetSettings,
  Net,
  rtnlNewLink,
} from '@etherloom/netcore';
import { ethernetFrame, mac, VirtualHost } from '@etherloom/testkit';
import { BatchWriter, createMemoryPair } from '@etherloom/transport';
import { expect, test } from 'vitest';
import { wslinkLinkOps } from './wslink.ts';

const ETH_P_TEST = 0x88b5;
const FRAME = ethernetFrame({ dst: mac(2), src: mac(1), type: ETH_P_TEST });

/** A device that is up, and the far end of its cable. */
function card() {
  const host = new VirtualHost();
  const net = new Net(host);
  const [near, far] = createMemoryPair((fn) => host.endOfTurn(fn));
  const messages: number[] = [];
  far.handler = {
    linkUp: () => {},
    linkDown: () => {},
    sent: () => {},
    control: () => {},
    message: (_buf, _offset, _length, frames) => messages.push(frames),
  };
  far.open();
  const dev = rtnlNewLink(net, wslinkLinkOps, { name: 'eth0', transport: near, epoch: 'e1' });
  let received = 0;
  net.devAddPack(ETH_P_TEST, (skb) => {
    received++;
    consumeSkb(skb);
  });
  devOpen(dev);
  host.runTurns();
  const stat = (name: string) => ethtoolGetStats(dev)![name];
  const xmit = (n: number) => {
    for (let i = 0; i < n; i++) {
      const skb = dev.pool.alloc(FRAME.length)!;
      skb.buf.set(FRAME, skb.put(FRAME.length));
      skb.dev = dev;
      devQueueXmit(skb);
    }
  };
  // BQL begins at a limit of nothing and learns; here it has.
  dev.txq[0]!.dql.minLimit = 1 << 20;
  xmit(1);
  host.runTurns();
  messages.length = 0;
  dev.stats.txPackets = 0;
  return {
    host,
    dev,
    messages,
    stat,
    received: () => received,
    xmit,
    /** One message of n frames from the far end, received within the next turns. */
    arrive(n: number): void {
      const writer = new BatchWriter(1024 * 1024);
      for (let i = 0; i < n; i++) writer.append(FRAME, 0, FRAME.length);
      far.send(writer.buf, 0, writer.length, 0);
      host.runTurns();
    },
  };
}

test('by default a turn is a doorbell and a message an interrupt, and no timer runs', () => {
  const { dev, host, messages, xmit, arrive, stat, received } = card();
  const timers = host.pendingTimers; // the watchdog's
  expect(ethtoolGetCoalesce(dev)).toEqual({
    'rx-usecs': 0,
    'rx-frames': 16384,
    'tx-usecs': 0,
    'tx-frames': 4096,
  });
  xmit(100);
  host.runTurns();
  arrive(50);
  expect([messages, stat('rx_interrupts'), received(), host.pendingTimers]).toEqual([[100], 1, 50, timers]);
});

// biome-ignore format: one case a line
test.each([
  ['tx-frames 1 makes each frame a message',            { 'tx-frames': 1 },                  5,  [1, 1, 1, 1, 1]],
  ['tx-frames 4 rings at each fourth, and at the turn', { 'tx-frames': 4 },                  10, [4, 4, 2]],
  ['tx-frames 100 gathers past one fetch of 64',        { 'tx-frames': 100 },                150, [100, 50]],
  ['tx-usecs 200 gathers what the time brings',         { 'tx-usecs': 200 },                 7,  [7]],
  ['tx-frames ends the wait of tx-usecs',               { 'tx-usecs': 200, 'tx-frames': 3 }, 7,  [3, 3, 1]],
])('%s', (_name, coalesce, frames, want) => {
  const { dev, host, messages, xmit } = card();
  ethtoolSetCoalesce(dev, coalesce);
  xmit(frames);
  host.advance(1);
  expect(messages).toEqual(want);
  expect([dev.stats.txPackets, dev.pool.inUse]).toEqual([frames, 0]);
});

test('tx-usecs waits from the first frame on, over turns of the event loop, and no longer', () => {
  const { dev, host, messages, xmit } = card();
  ethtoolSetCoalesce(dev, { 'tx-usecs': 300 });
  for (let i = 0; i < 3; i++) {
    xmit(1);
    host.advance(0.1 - 0.001);
  }
  expect(messages).toEqual([]);
  host.advance(0.01);
  expect(messages).toEqual([3]);
});

// biome-ignore format: one case a line
test.each([
  ['rx-frames 1 makes each frame an interrupt',      { 'rx-frames': 1 },                  10, 10],
  ['rx-frames 4 interrupts at each fourth',          { 'rx-frames': 4 },                  10, 3],
  ['rx-usecs 100 makes a late message one',          { 'rx-usecs': 100 },                 10, 1],
  ['rx-frames ends the wait of rx-usecs',            { 'rx-usecs': 100, 'rx-frames': 6 }, 10, 2],
])('%s', (_name, coalesce, frames, interrupts) => {
  const { dev, host, arrive, stat, received } = card();
  ethtoolSetCoalesce(dev, coalesce);
  arrive(frames);
  host.advance(1);
  expect([stat('rx_interrupts'), received(), dev.stats.rxPackets]).toEqual([interrupts, frames, frames]);
});

test('rx-usecs holds several messages for one interrupt', () => {
  const { dev, host, arrive, stat, received } = card();
  ethtoolSetCoalesce(dev, { 'rx-usecs': 500 });
  arrive(3);
  arrive(4);
  expect([received(), stat('rx_ring_pending')]).toEqual([0, 7]);
  host.advance(0.5);
  expect([received(), stat('rx_interrupts'), stat('rx_messages')]).toEqual([7, 1, 2]);
});

test('a device that closes while its card gathers keeps nothing, and its timers are off', () => {
  const { dev, host, xmit, arrive } = card();
  ethtoolSetCoalesce(dev, { 'rx-usecs': 500, 'tx-usecs': 500 });
  xmit(2);
  arrive(3);
  dev.net.stop();
  expect([dev.pool.inUse, dev.stats.txDropped, dev.stats.rxDropped, host.pendingTimers]).toEqual([
    0, 2, 3, 0,
  ]);
});

test('coalescing that is turned off lets out what was gathered', () => {
  const { dev, host, xmit, arrive, messages, received } = card();
  ethtoolSetCoalesce(dev, { 'rx-usecs': 500, 'tx-usecs': 500 });
  xmit(2);
  arrive(3);
  ethtoolSetCoalesce(dev, { 'rx-usecs': 0, 'tx-usecs': 0 });
  host.runTurns();
  expect([messages, received()]).toEqual([[2], 3]);
});

test('who gets the first frame of a message takes the device down: the rest is counted, and none stays in the ring', () => {
  const { dev, arrive, stat } = card();
  ethtoolSetCoalesce(dev, { 'rx-frames': 1 });
  dev.net.devAddPack(3, () => devClose(dev)); // ETH_P_ALL
  arrive(90);
  expect([dev.stats.rxPackets, dev.stats.rxDropped, stat('rx_frames_while_down')]).toEqual([1, 89, 89]);
  expect([stat('rx_ring_pending'), stat('rx_cable_frames'), dev.pool.inUse]).toEqual([0, 90, 0]);
});

test('rings change their size while the device runs, and what they had accepted stays', () => {
  const { dev, host, xmit, arrive, messages, received, stat } = card();
  ethtoolSetCoalesce(dev, { 'rx-usecs': 500 });
  arrive(1000);
  arrive(1);
  xmit(300);
  ethtoolSetRings(dev, { rx: 64, tx: 64 });
  expect(ethtoolGetRings(dev)).toMatchObject({ rx: 64, tx: 64 });
  arrive(10); // the ring is too full for these
  host.advance(1);
  expect([received(), messages.reduce((sum, n) => sum + n, 0)]).toEqual([1001, 300]);
  expect([dev.stats.rxMissedErrors, stat('rx_ring_pending'), dev.pool.inUse]).toEqual([10, 0, 0]);
  arrive(64);
  host.advance(1);
  expect(received()).toBe(1065);
});

const refusals = [
  ['a ring over its maximum', { ring: { rx: 16385 } }, 'EINVAL', /^requested ring size exceeds maximum/],
  ['a ring under its minimum', { ring: { tx: 8 } }, 'EINVAL', /16 to 4096/],
  ['coalescing for ever', { coalesce: { 'tx-usecs': 0, 'tx-frames': 0 } }, 'EINVAL', /never interrupt/],
  ['a wait of two seconds', { coalesce: { 'rx-usecs': 2_000_000 } }, 'EINVAL', /1000000 us/],
  ['negative time', { coalesce: { 'rx-usecs': -1 } }, 'EINVAL', /whole number/],
  ['two channels', { channels: { combined: 2 } }, 'EINVAL', /^requested channel count exceeds maximum/],
  ['no channel', { channels: { combined: 0 } }, 'EINVAL', /no RX or TX channel being configured/],
  ['PAUSE', { pause: { rx: true } }, 'EOPNOTSUPP', /PAUSE/],
  ['an unknown feature', { features: { foo: true } }, 'EOPNOTSUPP', /^bit name not found/],
  [
    'a feature nobody has',
    { features: { lro: true } },
    'EOPNOTSUPP',
    /^Could not change any device features/,
  ],
  ['negotiation', { settings: { 'auto-negotiation': true } }, 'EINVAL', /negotiate/],
  ['half a megabit', { settings: { speed: 0.5 } }, 'EINVAL', /whole number of Mb/],
  ['an unknown duplex', { settings: { duplex: 'triple' } }, 'EINVAL', /half or full/],
] as const;
test.each(refusals)('%s is refused, and nothing of the request stays', (_name, patch, code, text) => {
  const { dev } = card();
  const shown = () => [ethtoolGetRings(dev), ethtoolGetCoalesce(dev), ethtoolGetSettings(dev), dev.features];
  const before = shown();
  const all = { coalesce: { 'rx-usecs': 5 }, settings: { speed: 100 }, features: { gro: true }, ...patch };
  const refused = () => ethtoolSet(dev, 'features' in patch ? { ...all, features: patch.features } : all);
  expect(refused).toThrow(expect.objectContaining({ code, message: expect.stringMatching(text) }));
  expect(shown()).toEqual(before);
});

test('what is asked for and is so already changes nothing and is no error', () => {
  const { dev } = card();
  ethtoolSetPause(dev, { rx: false, tx: false, autonegotiate: false });
  ethtoolSetChannels(dev, { combined: 1 });
  ethtoolSetRings(dev, { rx: 4096 });
  expect(ethtoolSetFeatures(dev, { gro: false, gso: true })).toEqual([]);
});

test('speed is 10,000 Mb/s full duplex until it is set, and link-detected follows the carrier', () => {
  const { dev } = card();
  expect(ethtoolGetSettings(dev)).toMatchObject({ speed: 10_000, duplex: 'Full', 'link-detected': true });
  ethtoolSetSettings(dev, { speed: 1000, duplex: 'half' });
  expect(ethtoolGetSettings(dev)).toMatchObject({ speed: 1000, duplex: 'Half', 'auto-negotiation': false });
});

test('without a virtio_net_hdr on the cable segmentation is off and fixed; gathering can be turned on', () => {
  const { dev } = card();
  const { 'tx-tcp-segmentation': tso, 'generic-receive-offload': gro } = ethtoolGetFeatures(dev);
  expect([tso, gro]).toEqual([
    { active: false, fixed: true, requested: false },
    { active: false, fixed: false, requested: false },
  ]);
  expect(ethtoolSetFeatures(dev, { gro: true })).toEqual(['generic-receive-offload']);
});

test('while interrupts are deferred, a message of more frames than rx-frames waits for the timer whole', () => {
  const { dev, host, arrive, received } = card();
  dev.napiDeferHardIrqs = 1;
  dev.groFlushTimeout = 100_000;
  ethtoolSetCoalesce(dev, { 'rx-frames': 4 });
  arrive(4); // polled at once, and masked from then on
  arrive(10);
  expect(received()).toBe(4);
  host.advance(0.2);
  expect(received()).toBe(14);
});

test('frames that wait for more are not forgotten when fewer are to be waited for', () => {
  const { dev, host, arrive, received } = card();
  ethtoolSetCoalesce(dev, { 'rx-usecs': 1000, 'rx-frames': 8 });
  arrive(5);
  ethtoolSetCoalesce(dev, { 'rx-frames': 2 });
  expect(received()).toBe(5);
  arrive(5);
  host.advance(2);
  expect(received()).toBe(10);
});
