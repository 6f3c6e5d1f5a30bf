import {
  ETH_HLEN,
  ETH_P_IP,
  ethType,
  ICMP_EXC_FRAGTIME,
  ICMP_TIME_EXCEEDED,
  IP_MF,
  IP_OFFSET,
  IPPROTO_ICMP,
  IPPROTO_UDP,
  ipv4ChecksumOk,
  ipv4FragOff,
  ipv4HeaderLen,
  ipv4Protocol,
  ipv4TotLen,
  parseIpv4,
  putIpv4,
  putUdp,
} from '@etherloom/frame';
import { devSetMtu, dropsByReason, mulberry32 } from '@etherloom/netcore';
import { ethernetFrame, mac, VirtualHost } from '@etherloom/testkit';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { IPFRAG_HIGH_THRESH, IPFRAG_TIME } from './ip-frag.ts';
import { Hub, type Station } from './testing/hub.ts';

let host: VirtualHost;
let hub: Hub;
let h1: Station;
let h2: Station;
let heard: Uint8Array[];

beforeEach(() => {
  host = new VirtualHost();
  hub = new Hub(host);
  h1 = hub.station(1, '10.0.0.1/24');
  h2 = hub.station(2, '10.0.0.2/24');
  host.advance(0);
  hub.log.length = 0;
  heard = [];
  h2.inet.udpBind({ port: 7 }).onMessage = (buf, at, len) => heard.push(buf.slice(at, at + len));
});

/** The IP packets that a station sent, as payload range and whether more follow. */
function fragments(protocol: number): [from: number, to: number, more: boolean][] {
  return hub.log
    .filter((f) => ethType(f, 0) === ETH_P_IP && ipv4Protocol(f, ETH_HLEN) === protocol)
    .map((f) => {
      const from = (ipv4FragOff(f, ETH_HLEN) & IP_OFFSET) * 8;
      const len = ipv4TotLen(f, ETH_HLEN) - ipv4HeaderLen(f, ETH_HLEN);
      return [from, from + len, (ipv4FragOff(f, ETH_HLEN) & IP_MF) !== 0];
    });
}

/** Sets both ends; sent with an MTU that the other end has too. */
function setMtu(mtu: number): void {
  devSetMtu(h1.dev, mtu);
  devSetMtu(h2.dev, mtu);
}

/** A UDP datagram to h2:7, and pieces of it as frames. */
function datagram(
  length: number,
  seed = 1,
): { payload: Uint8Array; piece(from: number, to: number, id?: number): Uint8Array } {
  const random = mulberry32(seed);
  const whole = new Uint8Array(8 + length);
  for (let i = 8; i < whole.length; i++) whole[i] = random() * 256;
  const from = parseIpv4('10.0.0.1')!;
  const to = parseIpv4('10.0.0.2')!;
  putUdp(whole, 0, 4000, 7, whole.length, from, to);
  return {
    payload: whole.slice(8),
    piece(start, end, id = 77) {
      const packet = new Uint8Array(20 + end - start);
      packet.set(whole.subarray(start, end), 20);
      const more = end < whole.length ? IP_MF : 0;
      putIpv4(packet, 0, packet.length, id, (start >> 3) | more, 64, IPPROTO_UDP, from, to);
      return ethernetFrame({ dst: mac(2), src: mac(1), payload: packet });
    },
  };
}

test.each([
  [
    1500,
    [
      [0, 1480, true],
      [1480, 2960, true],
      [2960, 4008, false],
    ],
  ],
  [576, [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i * 552, Math.min(i * 552 + 552, 4008), i < 7])],
])(
  'a ping of 4000 bytes over MTU %i goes in fragments of a multiple of 8, and is answered',
  async (mtu, want) => {
    setMtu(mtu);
    const run = h1.inet.ping('10.0.0.2', { count: 1, size: 4000 });
    host.advance(10);
    expect(await run).toMatchObject({ received: 1 });
    expect(fragments(IPPROTO_ICMP)).toEqual([...want, ...want]);
    expect(hub.log.every((f) => ethType(f, 0) !== ETH_P_IP || ipv4ChecksumOk(f, ETH_HLEN))).toBe(true);
    const counted = {
      IpFragOKs: 1,
      IpFragCreates: want.length,
      IpReasmReqds: want.length,
      IpReasmOKs: 1,
      IpReasmFails: 0,
    };
    expect(h1.inet.stats).toMatchObject(counted);
    expect(h2.inet.stats).toMatchObject(counted);
    expect([h1.net.pool.inUse, h2.net.pool.inUse, h2.inet.fragments.memory]).toEqual([0, 0, 0]);
  },
);

test('do not fragment: too long for our own device is refused with its MTU', async () => {
  const run = h1.inet.ping('10.0.0.2', { count: 1, size: 1473, dontFragment: true });
  host.advance(10);
  expect((await run).errors).toEqual([{ seq: 1, reason: 'message too long, mtu=1500' }]);
  expect(h1.inet.stats.IpFragFails).toBe(1);
  expect(dropsByReason(h1.dev.drops)).toEqual({ PKT_TOO_BIG: 1 });
  const fits = h1.inet.ping('10.0.0.2', { count: 1, size: 1472, dontFragment: true });
  host.advance(10);
  expect((await fits).received).toBe(1);
});

test('whatever is sent arrives, for any size and MTU', () => {
  const socket = h1.inet.udpBind();
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 65507 }),
      fc.integer({ min: 68, max: 9000 }),
      fc.nat(),
      (size, mtu, seed) => {
        fc.pre(size / mtu < 100); // the neighbour queue holds 128
        setMtu(mtu);
        const random = mulberry32(seed);
        const payload = Uint8Array.from({ length: size }, () => random() * 256);
        heard = [];
        expect(socket.send(payload, '10.0.0.2', 7)).toBe(0);
        host.advance(1);
        expect(heard).toHaveLength(1);
        expect(Buffer.compare(heard[0]!, payload)).toBe(0);
        expect([h1.net.pool.inUse, h2.net.pool.inUse]).toEqual([0, 0]);
      },
    ),
    { numRuns: 40 },
  );
});

test('fragments in any order, some of them twice, make the same datagram', () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 124 }), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, fc.nat(), fc.nat(0xffff), (at, seed, id) => {
      const { payload, piece } = datagram(1000, seed);
      const edges = [0, ...at.sort((a, b) => a - b).map((n) => n * 8), 1008];
      const pieces = edges.slice(1).map((end, i) => piece(edges[i]!, end, id));
      const random = mulberry32(seed);
      const last = pieces.splice(Math.floor(random() * pieces.length), 1)[0]!;
      const early = [...pieces, ...pieces.filter(() => random() < 0.3)].sort(() => random() - 0.5);
      heard = [];
      for (const frame of early) hub.inject(h2.dev, frame);
      expect(heard).toEqual([]);
      hub.inject(h2.dev, last);
      expect(heard).toEqual([payload]);
      expect([h2.inet.fragments.memory, h2.net.pool.inUse]).toEqual([0, 0]);
    }),
  );
});

test('a duplicate fragment is dropped by its own reason and does no harm', () => {
  const { payload, piece } = datagram(1000);
  hub.inject(h2.dev, piece(0, 504));
  hub.inject(h2.dev, piece(0, 504));
  hub.inject(h2.dev, piece(504, 1008));
  expect(heard).toEqual([payload]);
  expect(dropsByReason(h2.dev.drops)).toEqual({ DUP_FRAG: 1 });
});

// biome-ignore format: one case a line
test.each([
  ['overlaps its predecessor',      [[0, 504], [496, 1008]]],
  ['overlaps its successor',        [[504, 1008], [0, 512]]],
  ['covers another',                [[504, 512], [496, 520]]],
])('a fragment that %s spoils the datagram', (_name, pieces) => {
  const { piece } = datagram(1000);
  for (const [from, to] of pieces) hub.inject(h2.dev, piece(from!, to!));
  expect(h2.inet.stats).toMatchObject({ IpExtReasmOverlaps: 1, IpReasmFails: 1, IpReasmOKs: 0 });
  expect([h2.inet.fragments.memory, h2.net.pool.inUse]).toEqual([0, 0]);
  expect(heard).toEqual([]);
});

test('two last fragments that disagree about the end spoil the datagram', () => {
  const long = datagram(1000);
  const short = datagram(800);
  hub.inject(h2.dev, long.piece(504, 1008));
  hub.inject(h2.dev, short.piece(504, 808));
  expect(h2.inet.stats).toMatchObject({ IpReasmFails: 1, IpReasmOKs: 0 });
  expect(h2.net.pool.inUse).toBe(0);
});

test('datagrams with different ids are not mixed', () => {
  const a = datagram(1000, 1);
  const b = datagram(1000, 2);
  hub.inject(h2.dev, a.piece(0, 504, 1));
  hub.inject(h2.dev, b.piece(504, 1008, 2));
  expect(heard).toEqual([]);
  hub.inject(h2.dev, b.piece(0, 504, 2));
  hub.inject(h2.dev, a.piece(504, 1008, 1));
  expect(heard).toEqual([b.payload, a.payload]);
});

test('after 30 seconds the pieces are dropped, and the sender hears of it', () => {
  const { piece } = datagram(1000);
  hub.inject(h2.dev, piece(0, 504));
  host.advance(IPFRAG_TIME - 1);
  expect(h2.inet.stats.IpReasmTimeout).toBe(0);
  host.advance(1);
  expect(h2.inet.stats).toMatchObject({ IpReasmTimeout: 1, IpReasmFails: 1, IcmpOutTimeExcds: 1 });
  expect(dropsByReason(h2.dev.drops)).toEqual({ FRAG_REASM_TIMEOUT: 1 });
  host.advance(10);
  const error = hub.log.find((f) => ethType(f, 0) === ETH_P_IP)!;
  expect([error[34], error[35]]).toEqual([ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME]);
  expect(h1.inet.stats.IcmpInTimeExcds).toBe(1);
});

test('without the first fragment nobody is told', () => {
  hub.inject(h2.dev, datagram(1000).piece(504, 1008));
  host.advance(IPFRAG_TIME);
  expect(h2.inet.stats).toMatchObject({ IpReasmTimeout: 1, IcmpOutMsgs: 0 });
});

test('what waits is bounded: beyond it fragments are refused, and a second later datagram still gets through when they expire', () => {
  const { payload, piece } = datagram(1000);
  for (let id = 0; id < 4000; id++) hub.inject(h2.dev, piece(0, 504, id));
  expect(h2.inet.fragments.memory).toBeLessThanOrEqual(IPFRAG_HIGH_THRESH);
  expect(h2.inet.fragments.memory).toBeGreaterThan(IPFRAG_HIGH_THRESH - 4096);
  const refused = h2.inet.stats.IpReasmFails;
  expect(refused).toBe(4000 - IPFRAG_HIGH_THRESH / 2048);
  expect(dropsByReason(h2.dev.drops)).toEqual({ NOMEM: refused });
  host.advance(IPFRAG_TIME);
  expect(h2.inet.fragments.memory).toBe(0);
  hub.inject(h2.dev, piece(0, 504));
  hub.inject(h2.dev, piece(504, 1008));
  expect(heard).toEqual([payload]);
});

// biome-ignore format: one case a line
test.each([
  ['of no payload',                       () => datagram(1000).piece(504, 504)],
  ['in the middle, no multiple of 8',     () => datagram(1000).piece(0, 503)],
  ['that ends beyond 65535 (ping of death)', () => {
    const packet = new Uint8Array(20 + 1000);
    putIpv4(packet, 0, packet.length, 1, 8100, 64, IPPROTO_UDP, parseIpv4('10.0.0.1')!, parseIpv4('10.0.0.2')!);
    return ethernetFrame({ dst: mac(2), src: mac(1), payload: packet });
  }],
])('a fragment %s is refused', (_name, frame) => {
  hub.inject(h2.dev, frame());
  expect(h2.inet.stats).toMatchObject({ IpReasmFails: 1 });
  expect(dropsByReason(h2.dev.drops)).toEqual({ IP_INHDR: 1 });
  expect(h2.net.pool.inUse).toBe(0);
});

test('a device that is detached takes its fragments along', () => {
  hub.inject(h2.dev, datagram(1000).piece(0, 504));
  h2.inet.detach(h2.dev);
  expect([h2.inet.fragments.memory, h2.net.pool.inUse, host.pendingTimers]).toEqual([0, 0, 0]);
  expect(h2.inet.stats.IpReasmFails).toBe(1);
});
