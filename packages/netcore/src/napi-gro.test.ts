/** GRO on a device: what its polls received goes up gathered, and nothing is lost or changed. */
import { l4Frame, RingNic, VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { devClose, devOpen } from './dev-flags.ts';
import { ethtoolSetFeatures } from './ethtool-features.ts';
import { Net } from './net.ts';
import { NETIF_F_GRO, NETIF_F_GRO_UDP_FWD } from './netdev-features.ts';
import { netdevRxHandlerRegister, RX_HANDLER_CONSUMED } from './receive.ts';
import { consumeSkb } from './skb-pool.ts';
import { skbSegs } from './skbuff.ts';
import { skbGsoSegment } from './validate-xmit.ts';

const segment = (i: number, udp = false) =>
  l4Frame({ payload: new Uint8Array(100).map((_, k) => i * 7 + k), seq: 1000 + i * 100, id: i + 1, udp });

/** A card behind which everything is forwarded, as to a TAP: what comes out, as frames of the wire. */
function card(features: Record<string, boolean>, { forwards = true } = {}) {
  const host = new VirtualHost();
  const net = new Net(host);
  const nic = new RingNic(net);
  nic.dev.hwFeatures = NETIF_F_GRO | NETIF_F_GRO_UDP_FWD;
  ethtoolSetFeatures(nic.dev, features);
  const groups: number[] = [];
  const wire: Uint8Array[] = [];
  const take = (skb: Parameters<typeof consumeSkb>[0]) => {
    skb.push(14);
    groups.push(skbSegs(skb));
    let list = groups.at(-1)! > 1 ? skbGsoSegment(skb) : skb;
    while (list !== null) {
      const next = list.next;
      list.next = null;
      wire.push(list.buf.slice(list.data, list.tail));
      consumeSkb(list);
      list = next;
    }
    return RX_HANDLER_CONSUMED;
  };
  if (forwards) netdevRxHandlerRegister(nic.dev, take);
  else net.devAddPack(0x800, (skb) => void take(skb));
  devOpen(nic.dev);
  return { host, net, nic, groups, wire };
}

test('off, each segment goes up by itself; on, a poll is a super-frame that is cut as it came, to the byte', () => {
  const frames = Array.from({ length: 5 }, (_, i) => segment(i));
  const off = card({ gro: false });
  off.nic.receive(...frames);
  const on = card({ gro: true });
  on.nic.receive(...frames);
  expect([off.groups, on.groups]).toEqual([[1, 1, 1, 1, 1], [5]]);
  expect(on.wire).toEqual(frames);
  expect([on.nic.dev.stats.rxPackets, on.net.pool.inUse]).toEqual([5, 0]);
});

test('datagrams are gathered with rx-udp-gro-forwarding, and only where they are forwarded', () => {
  const frames = Array.from({ length: 4 }, (_, i) => segment(i, true));
  const both = { gro: true, 'rx-udp-gro-forwarding': true };
  const forwarded = card(both);
  const local = card(both, { forwards: false });
  const plain = card({ gro: true });
  for (const { nic } of [forwarded, local, plain]) nic.receive(...frames);
  expect([forwarded.groups, local.groups, plain.groups]).toEqual([[4], [1, 1, 1, 1], [1, 1, 1, 1]]);
  expect(forwarded.wire).toEqual(frames);
});

test('one wrong checksum and all go up as they came', () => {
  const { nic, groups, wire, net } = card({ gro: true });
  const frames = Array.from({ length: 3 }, (_, i) => segment(i));
  frames[1]![80]! ^= 1;
  nic.receive(...frames);
  expect(groups).toEqual([1, 1, 1]);
  expect(wire).toEqual(frames);
  expect(net.pool.inUse).toBe(0);
});

test('a poll of a full budget flushes too: nothing waits for the next', () => {
  const { nic, groups } = card({ gro: true });
  nic.receive(...Array.from({ length: 100 }, (_, i) => segment(i)));
  expect(groups).toEqual([64, 36]);
});

test('with gro_flush_timeout and napi_defer_hard_irqs segments of two interrupts meet', () => {
  const { host, nic, groups } = card({ gro: true });
  nic.dev.groFlushTimeout = 200_000;
  nic.dev.napiDeferHardIrqs = 1;
  nic.receive(segment(0), segment(1));
  nic.receive(segment(2));
  expect(groups).toEqual([]);
  host.advance(0.2);
  expect(groups).toEqual([3]);
});

test('a segment that waits for more is not kept by the traffic of others', () => {
  const { host, nic, groups } = card({ gro: true });
  nic.dev.groFlushTimeout = 200_000;
  nic.receive(segment(0));
  const other = (i: number) => l4Frame({ payload: new Uint8Array(9), seq: i * 9, id: i, source: 77 });
  for (let i = 0; i < 4; i++) {
    nic.receive(other(i));
    host.advance(0.1);
  }
  expect(groups[0]).toBe(1);
});

test('a receiver that throws is not given the same segments again', () => {
  const { net, nic } = card({ gro: true }, { forwards: false });
  const stop = net.devAddPack(3, () => {
    throw new Error('of a tap');
  });
  expect(() => nic.receive(segment(0), segment(1))).toThrow('of a tap');
  stop();
  const left = net.pool.inUse;
  devClose(nic.dev);
  expect(net.pool.inUse).toBe(left);
});

test('who gets a super-frame may close the device: nothing is left behind', () => {
  const { net, nic, groups } = card({ gro: true });
  const close = net.devAddPack(3, (skb) => {
    // ETH_P_ALL borrows
    if (skb.gsoSegs > 1) devClose(nic.dev);
  });
  const other = l4Frame({ payload: new Uint8Array(100), seq: 5, id: 1, source: 77 });
  nic.receive(segment(0), other, segment(1), segment(9));
  close();
  expect([net.pool.inUse, groups.reduce((a, b) => a + b, 0)]).toEqual([0, 4]);
});
