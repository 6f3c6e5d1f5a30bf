/** Super-frames over a wslink whose cable carries them, and over one whose cable does not. */
import { ETH_HLEN, VIRTIO_NET_HDR_LEN, vnetCheck } from '@etherloom/frame';
import {
  CHECKSUM_PARTIAL,
  consumeSkb,
  devOpen,
  devQueueXmit,
  devSetMtu,
  ethtoolSetFeatures,
  NETIF_F_GRO,
  NETIF_F_VNET,
  Net,
  type NetDevice,
  netdevRxHandlerRegister,
  RX_HANDLER_CONSUMED,
  rtnlNewLink,
  SKB_DROP_REASON_PKT_TOO_BIG,
  type SkBuff,
  virtioNetHdrFromSkb,
  virtioNetHdrToSkb,
} from '@etherloom/netcore';
import { l4Frame, l4VnetFrame, VirtualHost } from '@etherloom/testkit';
import { createMemoryPair, FEATURE_VNET, type TransportHandler } from '@etherloom/transport';
import { expect, test } from 'vitest';
import { wslinkCounters, wslinkLinkOps } from './wslink.ts';

function create(vnet: boolean) {
  const host = new VirtualHost();
  const net = new Net(host);
  const ends = createMemoryPair((fn) => host.endOfTurn(fn), { vnet });
  const [a, b] = ends.map((transport, i) =>
    rtnlNewLink(net, wslinkLinkOps, { name: `eth${i}`, transport, epoch: 'e' }),
  ) as [NetDevice, NetDevice];
  devOpen(a);
  devOpen(b);
  host.advance(1);
  /** Each frame that arrived, behind the virtio_net_hdr that says what it is. */
  const heard: Uint8Array[] = [];
  netdevRxHandlerRegister(b, (skb) => {
    skb.push(ETH_HLEN);
    const header = new Uint8Array(VIRTIO_NET_HDR_LEN);
    virtioNetHdrFromSkb(skb, header, 0);
    heard.push(Uint8Array.of(...header, ...skb.buf.subarray(skb.data, skb.tail)));
    consumeSkb(skb);
    return RX_HANDLER_CONSUMED;
  });
  const send = (...frames: Uint8Array[]) => {
    for (const frame of frames) devQueueXmit(skbOf(a, frame));
    host.advance(1);
  };
  return { host, net, a, b, heard, send };
}

function skbOf(dev: NetDevice, frame: Uint8Array): SkBuff {
  const length = frame.length - VIRTIO_NET_HDR_LEN;
  const skb = dev.pool.alloc(length)!;
  const at = skb.put(length) - VIRTIO_NET_HDR_LEN;
  skb.buf.set(frame, at);
  virtioNetHdrToSkb(skb, skb.buf, at, vnetCheck(skb.buf, at, length));
  skb.dev = dev;
  return skb;
}

const payload = new Uint8Array(5000).map((_, i) => i * 7);
const superFrame = l4VnetFrame({ payload }, 1400);
const unsummed = l4VnetFrame({ payload: payload.subarray(0, 99), udp: true });
const whole = Uint8Array.of(
  ...new Uint8Array(VIRTIO_NET_HDR_LEN),
  ...l4Frame({ payload: payload.subarray(1, 80) }),
);
const headers = superFrame.length - VIRTIO_NET_HDR_LEN - 5000;

test('a cable that carries super-frames carries them, and frames without checksums, as they are', () => {
  const { a, b, heard, net, send } = create(true);
  expect(a.features).toBe(NETIF_F_VNET);
  send(superFrame, unsummed, whole);
  expect(heard).toEqual([superFrame, unsummed, whole]);
  expect(net.pool.inUse).toBe(0);
  const bytes = 5000 + 4 * headers + unsummed.length + whole.length - 2 * VIRTIO_NET_HDR_LEN;
  expect(a.stats).toMatchObject({ txPackets: 6, txBytes: bytes });
  expect(b.stats).toMatchObject({ rxPackets: 6, rxBytes: bytes });
  expect([wslinkCounters(a).tx, wslinkCounters(b).rx]).toEqual([6, 6]);
});

test('over any other cable they leave as the frames they are made of, and arrive the same in number and bytes', () => {
  const { a, b, heard, net, send } = create(false);
  expect(a.features).toBe(0);
  send(superFrame, unsummed, whole);
  expect(heard.map((frame) => frame.length - VIRTIO_NET_HDR_LEN)).toEqual([
    ...[1400, 1400, 1400, 800].map((n) => n + headers),
    unsummed.length - VIRTIO_NET_HDR_LEN,
    whole.length - VIRTIO_NET_HDR_LEN,
  ]);
  expect(heard[4]!.subarray(VIRTIO_NET_HDR_LEN)).toEqual(
    l4Frame({ payload: payload.subarray(0, 99), udp: true }),
  );
  expect(net.pool.inUse).toBe(0);
  const bytes = 5000 + 4 * headers + unsummed.length + whole.length - 2 * VIRTIO_NET_HDR_LEN;
  expect(a.stats).toMatchObject({ txPackets: 6, txBytes: bytes });
  expect(b.stats).toMatchObject({ rxPackets: 6, rxBytes: bytes });
});

test('a skb whose bytes are shared is sent without writing to them', () => {
  const { a, host, heard } = create(true);
  const skb = skbOf(a, superFrame);
  const before = skb.buf.slice(skb.head, skb.end);
  const clone = skb.clone()!;
  expect(clone).toMatchObject({ ipSummed: CHECKSUM_PARTIAL, gsoSize: 1400, gsoSegs: 4 });
  devQueueXmit(clone);
  host.advance(1);
  expect(skb.buf.slice(skb.head, skb.end)).toEqual(before);
  expect(heard).toEqual([superFrame]);
  consumeSkb(skb);
});

test('the MTU is one of segments: a super-frame of longer ones is refused, each counted', () => {
  const { b, heard, send } = create(true);
  devSetMtu(b, 1440);
  send(superFrame);
  expect(heard.length).toBe(1);
  devSetMtu(b, 1400);
  send(superFrame);
  expect(heard.length).toBe(1);
  expect(b.stats.rxLengthErrors).toBe(4);
  expect(b.drops[SKB_DROP_REASON_PKT_TOO_BIG]).toBe(4);
});

test('what the receive ring cannot keep is missed in segments', () => {
  const { a, b, host } = create(true);
  b.ethtoolOps.setRingparam!(b, { rxMaxPending: 0, txMaxPending: 0, rxPending: 64, txPending: 1024 });
  b.napis[0]!.disable();
  for (let i = 0; i < 20; i++) devQueueXmit(skbOf(a, superFrame));
  host.advance(1);
  expect(b.stats.rxMissedErrors).toBe(16);
  expect(wslinkCounters(b).rx).toBe(80);
  b.napis[0]!.enable();
});

test('turned off, segmentation and checksums are finished before the card, while it runs; on again, they are left to it', () => {
  const { a, heard, send } = create(true);
  const lengths = () => heard.splice(0).map((frame) => frame.length - VIRTIO_NET_HDR_LEN);
  ethtoolSetFeatures(a, { tso: false });
  send(superFrame, unsummed);
  expect(lengths()).toEqual([1400, 1400, 1400, 800].map((n) => n + headers).concat(unsummed.length - 10));
  ethtoolSetFeatures(a, { tx: false });
  send(unsummed);
  expect(heard.splice(0)).toEqual([
    Uint8Array.of(
      ...new Uint8Array(VIRTIO_NET_HDR_LEN),
      ...l4Frame({ payload: payload.subarray(0, 99), udp: true }),
    ),
  ]);
  ethtoolSetFeatures(a, { tx: true, tso: true });
  send(superFrame, unsummed);
  expect(heard).toEqual([superFrame, unsummed]);
});

test('a cable without super-frames takes the features away, and one that has them brings back what is wanted', () => {
  const { a } = create(true);
  ethtoolSetFeatures(a, { 'tx-udp-segmentation': false, gro: true });
  const wanted = a.features;
  const handler = (a.priv as { transport: { handler: TransportHandler } }).transport.handler;
  handler.linkUp({ port: 1, mtu: 1500, carrier: true, features: [] });
  expect(a.features).toBe(NETIF_F_GRO);
  handler.linkUp({ port: 1, mtu: 1500, carrier: true, features: [FEATURE_VNET] });
  expect(a.features).toBe(wanted);
});

test('with generic-receive-offload on, the segments of a message go up as the super-frame they were', () => {
  const { a, b, heard, send } = create(false);
  ethtoolSetFeatures(b, { gro: true });
  a.txq[0]!.dql.minLimit = 1 << 20; // BQL has learnt: all leave in one message
  send(whole);
  heard.length = 0;
  send(superFrame);
  expect(heard).toEqual([superFrame]);
  expect([b.stats.rxPackets, a.stats.txPackets]).toEqual([5, 5]);
});
