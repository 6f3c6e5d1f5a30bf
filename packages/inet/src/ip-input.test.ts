import {
  ETH_HLEN,
  ETH_P_IP,
  ethType,
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_PROT_UNREACH,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  icmpCode,
  icmpType,
  ipv4Protocol,
  ipv4SetChecksum,
  parseIpv4,
  putIcmp,
  putIpv4,
} from '@etherloom/frame';
import { devClose, devOpen, dropsByReason } from '@etherloom/netcore';
import { BROADCAST, ethernetFrame, mac, VirtualHost } from '@etherloom/testkit';
import { beforeEach, expect, test } from 'vitest';
import { Hub, type Station } from './testing/hub.ts';

const L4 = ETH_HLEN + 20;

let host: VirtualHost;
let hub: Hub;
let h1: Station;
let h2: Station;

beforeEach(() => {
  host = new VirtualHost();
  hub = new Hub(host);
  h1 = hub.station(1, '10.0.0.1/24');
  h2 = hub.station(2, '10.0.0.2/24');
  void h1.inet.ping('10.0.0.2', { count: 1 });
  host.advance(0);
  hub.log.length = 0;
});

interface Packet {
  from?: string;
  to?: string;
  protocol?: number;
  type?: number;
  code?: number;
  /** Bytes of ICMP message or other payload. */
  size?: number;
  dst?: Uint8Array;
}

/** A frame from h1 to h2; an echo request when nothing else is said. */
function packet({
  from = '10.0.0.1',
  to = '10.0.0.2',
  protocol = IPPROTO_ICMP,
  type = ICMP_ECHO,
  code = 0,
  size = 40,
  dst = mac(2),
}: Packet = {}): Uint8Array {
  const ip = new Uint8Array(20 + size);
  if (protocol === IPPROTO_ICMP && size >= 8) putIcmp(ip, 20, type, code, 0x00010001, size);
  putIpv4(ip, 0, ip.length, 1, 0, 64, protocol, parseIpv4(from)!, parseIpv4(to)!);
  return ethernetFrame({ dst, src: mac(1), payload: ip });
}

/** The frame with one header byte changed and the header checksum right again. */
function withByte(frame: Uint8Array, at: number, value: number): Uint8Array {
  const changed = frame.with(ETH_HLEN + at, value);
  ipv4SetChecksum(changed, ETH_HLEN);
  return changed;
}

function answers(): Uint8Array[] {
  return hub.log.filter((f) => ethType(f, 0) === ETH_P_IP);
}

test('an echo request is answered', () => {
  hub.inject(h2.dev, packet());
  expect(answers()).toHaveLength(1);
  expect(dropsByReason(h2.dev.drops)).toEqual({});
});

// biome-ignore format: one case a line
test.each<[string, () => Uint8Array, string, object]>([
  ['shorter than a header',            () => packet().slice(0, 33),            'PKT_TOO_SMALL',   { IpInHdrErrors: 1 }],
  ['of version 6',                     () => packet().with(14, 0x65),          'IP_INHDR',        { IpInHdrErrors: 1 }],
  ['with a header below 20 bytes',     () => packet().with(14, 0x44),          'IP_INHDR',        { IpInHdrErrors: 1 }],
  ['with a header beyond its end',     () => packet({ size: 8 }).with(14, 0x4f), 'PKT_TOO_SMALL', { IpInHdrErrors: 1 }],
  ['with a flipped bit in its header', () => packet().with(22, 65),            'IP_CSUM',         { IpInHdrErrors: 1, IpExtInCsumErrors: 1 }],
  ['longer by its field than it is',   () => withByte(packet(), 3, 200),       'PKT_TOO_SMALL',   { IpExtInTruncatedPkts: 1 }],
  ['shorter by its field than its header', () => withByte(packet(), 3, 19),    'IP_INHDR',        { IpInHdrErrors: 1 }],
  ['for another MAC',                  () => packet({ dst: mac(9) }),          'OTHERHOST',       { IpInAddrErrors: 0 }],
  ['for another address',              () => packet({ to: '10.0.0.9' }),       'IP_INADDRERRORS', { IpInAddrErrors: 1, IpForwDatagrams: 0 }],
  ['for a group we are not in',        () => packet({ to: '224.0.0.5' }),      'IP_INADDRERRORS', { IpInAddrErrors: 1 }],
  ['for loopback, from outside',       () => packet({ to: '127.0.0.1' }),      'IP_INADDRERRORS', { IpInAddrErrors: 1 }],
  ['from loopback',                    () => packet({ from: '127.0.0.1' }),    'IP_INADDRERRORS', { IpInAddrErrors: 1 }],
  ['from a multicast group',           () => packet({ from: '224.0.0.1' }),    'IP_INADDRERRORS', { IpInAddrErrors: 1 }],
  ['from the broadcast address',       () => packet({ from: '255.255.255.255' }), 'IP_INADDRERRORS', { IpInAddrErrors: 1 }],
  ['from our own address',             () => packet({ from: '10.0.0.2' }),     'IP_INADDRERRORS', { IpInAddrErrors: 1 }],
  ['from nowhere to us',               () => packet({ from: '0.0.0.0' }),      'IP_INADDRERRORS', { IpInAddrErrors: 1 }],
  ['with a flipped bit in its ICMP',   () => packet().with(L4 + 9, 1),         'ICMP_CSUM',       { IcmpInCsumErrors: 1, IcmpInErrors: 1 }],
  ['with less than an ICMP header',    () => packet({ size: 7 }),              'PKT_TOO_SMALL',   { IcmpInErrors: 1 }],
  ['that is an echo to a broadcast',   () => packet({ to: '10.0.0.255', dst: BROADCAST }), 'INVALID_PROTO', { IcmpInEchos: 1, IcmpOutEchoReps: 0 }],
  ['that is a reply nobody asked for', () => packet({ type: 0 }),              'NO_SOCKET',       { IcmpInEchoReps: 1 }],
  ['that is an ICMP timestamp',        () => packet({ type: 13 }),             'UNHANDLED_PROTO', { IcmpInMsgs: 1 }],
  ['that is an error quoting too little', () => packet({ type: 3, size: 35 }), 'PKT_TOO_SMALL',   { IcmpInDestUnreachs: 1 }],
  ['that is an error about nothing of ours', () => packet({ type: 3, size: 40 }), 'NO_SOCKET',    { IcmpInDestUnreachs: 1 }],
])('a packet %s is dropped by a reason, counted and not answered', (_name, frame, reason, stats) => {
  Object.assign(h2.inet.stats, { IcmpInEchos: 0, IcmpOutEchoReps: 0, IcmpInMsgs: 0 });
  hub.inject(h2.dev, frame());
  expect(dropsByReason(h2.dev.drops)).toEqual({ [reason]: 1 });
  expect(h2.inet.stats).toMatchObject(stats);
  expect(h2.dev.stats.rxOtherhostDropped).toBe(reason === 'OTHERHOST' ? 1 : 0);
  expect(answers()).toEqual([]);
  expect(h2.net.pool.inUse).toBe(0);
});

test('the padding of a short frame is not part of the packet', () => {
  const padded = new Uint8Array(60).fill(0xee);
  padded.set(packet({ size: 8 }));
  hub.inject(h2.dev, padded);
  expect(answers().map((f) => f.length)).toEqual([ETH_HLEN + 28]);
});

test('header options are skipped', () => {
  const plain = packet();
  const frame = new Uint8Array(plain.length + 8).fill(1); // NOP
  frame.set(plain.subarray(0, L4));
  frame.set(plain.subarray(L4), L4 + 8);
  frame[14] = 0x47;
  hub.inject(h2.dev, withByte(frame, 3, plain.length - ETH_HLEN + 8));
  expect(answers().map((f) => [f.length, icmpType(f, L4)])).toEqual([[plain.length, 0]]);
});

test('TCP is not there yet: protocol unreachable, counted', () => {
  hub.inject(h2.dev, packet({ protocol: IPPROTO_TCP }));
  expect(h2.inet.stats.IpInUnknownProtos).toBe(1);
  expect(dropsByReason(h2.dev.drops)).toEqual({ UNHANDLED_PROTO: 1 });
  expect(answers().map((f) => [ipv4Protocol(f, ETH_HLEN), icmpType(f, L4), icmpCode(f, L4)])).toEqual([
    [IPPROTO_ICMP, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH],
  ]);
  expect([...answers()[0]!.subarray(L4 + 8, L4 + 28)]).toEqual([
    ...packet({ protocol: IPPROTO_TCP }).subarray(14, 34),
  ]);
});

test.each([
  ['a broadcast', packet({ protocol: IPPROTO_TCP, to: '10.0.0.255', dst: BROADCAST })],
  ['a packet in a broadcast frame', packet({ protocol: IPPROTO_TCP, dst: BROADCAST })],
  ['a sender on the broadcast address', packet({ protocol: IPPROTO_TCP, from: '10.0.0.255' })],
])('no error answers %s', (_name, frame) => {
  hub.inject(h2.dev, frame);
  expect(h2.inet.stats).toMatchObject({ IpInUnknownProtos: 1, IcmpOutMsgs: 1 }); // the 1 is the first ping's reply
  expect(answers()).toEqual([]);
});

test('no error answers an error, nor a fragment behind the first', () => {
  const quoted = packet({ protocol: IPPROTO_TCP }).subarray(ETH_HLEN);
  const forwarder = h2.inet;
  forwarder.ipForward = true;
  const error = packet({ to: '10.9.0.1', type: ICMP_DEST_UNREACH, size: 8 + quoted.length });
  hub.inject(h2.dev, error); // no route to 10.9.0.1: an echo would be told
  expect(answers()).toEqual([]);
  const fragment = packet({ to: '10.9.0.1', protocol: IPPROTO_TCP }).with(ETH_HLEN + 7, 5);
  ipv4SetChecksum(fragment, ETH_HLEN);
  hub.inject(h2.dev, fragment);
  expect(answers()).toEqual([]);
  expect(dropsByReason(h2.dev.drops)).toEqual({ IP_INNOROUTES: 2 });
  hub.inject(h2.dev, packet({ to: '10.9.0.1' }));
  expect(answers()).toHaveLength(1);
});

test('errors are limited: six at once to one host, then one a second', () => {
  const frame = packet({ protocol: IPPROTO_TCP });
  for (let i = 0; i < 20; i++) hub.inject(h2.dev, frame);
  expect(answers()).toHaveLength(6);
  expect(h2.inet.stats.IcmpOutRateLimitHost).toBe(14);
  host.advance(2_000);
  for (let i = 0; i < 20; i++) hub.inject(h2.dev, frame);
  expect(answers()).toHaveLength(8);
});

test('errors are limited in all: a burst of 50, then a thousand a second', () => {
  h2.inet.addrAdd(h2.dev, '10.1.0.1/16');
  for (let i = 0; i < 60; i++)
    hub.inject(h2.dev, packet({ protocol: IPPROTO_TCP, from: `10.1.1.${i}`, to: '10.1.0.1' }));
  expect(h2.inet.stats).toMatchObject({ IcmpOutDestUnreachs: 50, IcmpOutRateLimitGlobal: 10 });
});

test('a device that is down has no address; one that was not attached speaks no IP', () => {
  const other = hub.port(h2.net, 'eth1', 3);
  hub.inject(other, packet({ dst: mac(3) }));
  expect(dropsByReason(other.drops)).toEqual({ UNHANDLED_PROTO: 1 });
  devClose(h2.dev);
  expect(h2.inet.fib.findLocal(parseIpv4('10.0.0.2')!)).toBeNull();
  devOpen(h2.dev);
  hub.inject(h2.dev, packet());
  host.advance(1); // the neighbours were forgotten
  expect(answers()).toHaveLength(1);
});
