import { ICMP_ECHO, IPPROTO_ICMP, IPPROTO_UDP, parseIpv4, putIcmp, putIpv4, putUdp } from '@etherloom/frame';
import { consumeSkb, ethTypeTrans, NETDEV_TX_OK, netifReceiveSkb } from '@etherloom/netcore';
import { ethernetFrame, heapPerCall, mac, VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { Hub, type Station } from './testing/hub.ts';

/** A node that knows its neighbour, and whose device from now on swallows what it sends. */
function quietStation(subnet: string): { h2: Station; receive: (frame: Uint8Array) => void } {
  const host = new VirtualHost();
  const hub = new Hub(host);
  const h1 = hub.station(1, `${subnet}.1/24`);
  const h2 = hub.station(2, `${subnet}.2/24`);
  void h1.inet.ping(`${subnet}.2`, { count: 1 });
  host.advance(0);
  h2.dev.netdevOps = {
    ndoStartXmit: (skb) => {
      consumeSkb(skb);
      return NETDEV_TX_OK;
    },
  };
  const receive = (frame: Uint8Array) => {
    const skb = h2.net.pool.alloc(frame.length)!;
    const at = skb.put(frame.length);
    for (let i = 0; i < frame.length; i++) skb.buf[at + i] = frame[i]!;
    ethTypeTrans(skb, h2.dev);
    netifReceiveSkb(skb);
  };
  return { h2, receive };
}

function packet(
  subnet: string,
  protocol: number,
  fill: (ip: Uint8Array, from: number, to: number) => void,
): Uint8Array {
  const from = parseIpv4(`${subnet}.1`)!;
  const to = parseIpv4(`${subnet}.2`)!;
  const ip = new Uint8Array(20 + 64);
  fill(ip, from, to);
  putIpv4(ip, 0, ip.length, 1, 0, 64, protocol, from, to);
  return ethernetFrame({ dst: mac(2), src: mac(1), payload: ip });
}

/** One call in eight does the work: enough to measure, in an eighth of the time. */
function heapPerPacket(work: () => void): number {
  let n = 0;
  return (
    8 *
    heapPerCall(() => {
      if ((++n & 7) === 0) work();
    })
  );
}

/** Bytes: the smallest object has 12. From 128.0.0.0 on an address is no small integer unless it is kept signed. */
const LESS_THAN_AN_OBJECT = 8;
const SUBNETS = ['10.0.0', '192.168.0'];
const TIMEOUT = 60_000;

test.each(SUBNETS)('answering an echo in %s.0/24 allocates nothing', { timeout: TIMEOUT }, (subnet) => {
  const { h2, receive } = quietStation(subnet);
  const frame = packet(subnet, IPPROTO_ICMP, (ip) => putIcmp(ip, 20, ICMP_ECHO, 0, 0x00010001, 64));
  expect(heapPerPacket(() => receive(frame))).toBeLessThan(LESS_THAN_AN_OBJECT);
  expect(h2.inet.stats.IcmpOutEchoReps).toBeGreaterThan(20_000);
  expect(h2.net.pool.inUse).toBe(0);
});

test.each(SUBNETS)(
  'a datagram in %s.0/24 and its answer allocate nothing',
  { timeout: TIMEOUT },
  (subnet) => {
    const { h2, receive } = quietStation(subnet);
    const socket = h2.inet.udpBind({ port: 7 });
    socket.onMessage = (buf, at, len, saddr, sport) => socket.send(buf, saddr, sport, at, len);
    const frame = packet(subnet, IPPROTO_UDP, (ip, from, to) => putUdp(ip, 20, 4000, 7, 64, from, to));
    expect(heapPerPacket(() => receive(frame))).toBeLessThan(LESS_THAN_AN_OBJECT);
    expect(h2.inet.stats.UdpOutDatagrams).toBeGreaterThan(20_000);
    expect(h2.net.pool.inUse).toBe(0);
  },
);
