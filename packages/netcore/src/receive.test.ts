import { ETH_P_ALL } from '@etherloom/frame';
import { BROADCAST, ethernetFrame, mac, RingNic, VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { devOpen } from './dev-flags.ts';
import { devQueueXmit } from './dev-queue-xmit.ts';
import { dropsByReason } from './drop-reason.ts';
import { ethTypeTrans } from './ethernet.ts';
import { Net } from './net.ts';
import type { NetDevice } from './net-device.ts';
import {
  netdevRxHandlerRegister,
  netdevRxHandlerUnregister,
  RX_HANDLER_ANOTHER,
  RX_HANDLER_CONSUMED,
  RX_HANDLER_EXACT,
  RX_HANDLER_PASS,
} from './receive.ts';
import { consumeSkb, SkbPool } from './skb-pool.ts';
import {
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  PACKET_OUTGOING,
} from './skbuff.ts';

function card() {
  const nic = new RingNic(new Net(new VirtualHost()));
  devOpen(nic.dev);
  const got: string[] = [];
  const handle = (type: number, name: string) =>
    nic.dev.net.devAddPack(type, (skb, dev) => {
      got.push(`${name} ${dev.name} ${skb.len}`);
      consumeSkb(skb);
    });
  const frame = (type: number) => ethernetFrame({ dst: nic.dev.devAddr, src: mac(2), type });
  return { nic, dev: nic.dev, net: nic.dev.net, got, handle, frame };
}

// biome-ignore format: one case a line
test.each([
  ['its own address',   mac(1),                            0x0800, PACKET_HOST,      0x0800],
  ['broadcast',         BROADCAST,                         0x0806, PACKET_BROADCAST, 0x0806],
  ['multicast',         Uint8Array.of(1, 0, 0x5e, 0, 0, 1), 0x86dd, PACKET_MULTICAST, 0x86dd],
  ['somebody else',     mac(3),                            0x0800, PACKET_OTHERHOST, 0x0800],
  ['a length: 802.2',   mac(1),                            46,     PACKET_HOST,      0x0004],
])('eth_type_trans: %s', (_name, dst, type, pktType, protocol) => {
  const skb = new SkbPool().alloc()!;
  skb.buf.set(ethernetFrame({ dst, src: mac(2), type }), skb.put(60));
  const dev = { devAddr: mac(1) } as NetDevice;
  expect([ethTypeTrans(skb, dev), skb.pktType, skb.len, skb.data - skb.macHeader, skb.dev === dev]).toEqual([protocol, pktType, 46, 14, true]);
});

test('eth_type_trans: raw 802.3 has ones where the LLC header would be; a runt has no protocol', () => {
  const skb = new SkbPool().alloc()!;
  skb.buf.set(
    ethernetFrame({ dst: mac(1), src: mac(2), type: 46, payload: new Uint8Array(46).fill(0xff) }),
    skb.put(60),
  );
  const dev = { devAddr: mac(1) } as NetDevice;
  expect(ethTypeTrans(skb, dev)).toBe(1);
  skb.trim(10);
  expect(ethTypeTrans(skb, dev)).toBe(0);
});

test('each handler of a type gets the frame, the taps too, and nothing leaks', () => {
  const { nic, net, got, handle, frame } = card();
  handle(0x800, 'a');
  handle(0x806, 'arp');
  const remove = handle(0x800, 'b');
  const untap = net.devAddPack(ETH_P_ALL, (skb) => got.push(`tap ${skb.tail - skb.macHeader}`));
  nic.receive(frame(0x800));
  remove();
  untap();
  nic.receive(frame(0x800));
  expect(got).toEqual(['tap 60', 'a eth0 46', 'b eth0 46', 'a eth0 46']);
  expect(net.pool.inUse).toBe(0);
});

test('a tap that takes itself off does not hide the frame from the next', () => {
  const { nic, net, got, frame } = card();
  const untap = net.devAddPack(ETH_P_ALL, () => {
    got.push('once');
    untap();
  });
  net.devAddPack(ETH_P_ALL, () => got.push('always'));
  nic.receive(frame(0x800));
  nic.receive(frame(0x800));
  expect(got).toEqual(['once', 'always', 'always']);
});

test('a protocol that nobody handles is dropped, counted and named', () => {
  const { nic, dev, frame } = card();
  nic.receive(frame(0x1234));
  expect([dev.stats.rxDropped, dropsByReason(dev.drops)]).toEqual([1, { UNHANDLED_PROTO: 1 }]);
});

test('a tap sees what is sent as outgoing, and the frame is sent as it was', () => {
  const { nic, dev, net } = card();
  const seen: number[][] = [];
  net.devAddPack(ETH_P_ALL, (skb) => seen.push([skb.pktType, skb.macHeader - skb.data, skb.len]));
  const skb = net.pool.alloc()!;
  skb.put(60);
  skb.dev = dev;
  devQueueXmit(skb);
  expect([seen, nic.sent, skb.pktType]).toEqual([[[PACKET_OUTGOING, 0, 60]], ['60'], PACKET_HOST]);
});

test('an rx handler takes, passes on, redirects or refuses before the protocols', () => {
  const { nic, dev, net, got, handle, frame } = card();
  const other = new RingNic(net).dev;
  handle(0x800, 'ip');
  let verdict = RX_HANDLER_CONSUMED;
  netdevRxHandlerRegister(dev, (skb) => {
    if (verdict === RX_HANDLER_CONSUMED) consumeSkb(skb);
    if (verdict === RX_HANDLER_ANOTHER) skb.dev = other;
    return verdict;
  });
  for (verdict of [RX_HANDLER_CONSUMED, RX_HANDLER_PASS, RX_HANDLER_ANOTHER, RX_HANDLER_EXACT])
    nic.receive(frame(0x800));
  expect(got).toEqual(['ip eth0 46', 'ip eth1 46']);
  expect([dev.stats.rxNohandler, dev.stats.rxDropped, net.pool.inUse]).toEqual([1, 0, 0]);
});

test('a device has one rx handler; a second is EBUSY', () => {
  const { dev } = card();
  const pass = () => RX_HANDLER_PASS;
  netdevRxHandlerRegister(dev, pass);
  expect(() => netdevRxHandlerRegister(dev, pass)).toThrow(expect.objectContaining({ code: 'EBUSY' }));
  netdevRxHandlerUnregister(dev);
  netdevRxHandlerRegister(dev, pass);
});
