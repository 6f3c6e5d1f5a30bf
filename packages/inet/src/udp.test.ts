import { ETH_P_IP, ethType, formatIpv4, parseIpv4 } from '@etherloom/frame';
import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  dropsByReason,
  ethTypeTrans,
  netifReceiveSkb,
} from '@etherloom/netcore';
import { VirtualHost } from '@etherloom/testkit';
import { beforeEach, expect, test } from 'vitest';
import { errnoName } from './errno.ts';
import { Hub, type Station } from './testing/hub.ts';
import type { UdpSocket } from './udp-socket.ts';

let host: VirtualHost;
let hub: Hub;
let h1: Station;
let h2: Station;

beforeEach(() => {
  host = new VirtualHost();
  hub = new Hub(host);
  h1 = hub.station(1, '10.0.0.1/24');
  h2 = hub.station(2, '10.0.0.2/24');
  host.advance(0);
});

const bytes = (text: string) => new TextEncoder().encode(text);

/** Collects what a socket hears as 'from>to text', its errors as 'code peer'. */
function listen(socket: UdpSocket): string[] {
  const heard: string[] = [];
  socket.onMessage = (buf, at, len, saddr, sport, daddr) => {
    const text = new TextDecoder().decode(buf.slice(at, at + len));
    heard.push(`${formatIpv4(saddr)}:${sport}>${formatIpv4(daddr)} ${text}`);
  };
  socket.onError = (code, daddr, dport) => heard.push(`${code} ${formatIpv4(daddr)}:${dport}`);
  return heard;
}

test('a datagram and its answer', () => {
  const server = h2.inet.udpBind({ port: 7 });
  server.onMessage = (buf, at, len, saddr, sport) => server.send(buf, saddr, sport, at, len);
  const client = h1.inet.udpBind({ port: 4000 });
  const heard = listen(client);
  expect(client.send(bytes('hello'), '10.0.0.2', 7)).toBe(0);
  host.advance(1);
  expect(heard).toEqual(['10.0.0.2:7>10.0.0.1 hello']);
  expect(h2.inet.stats).toMatchObject({ UdpInDatagrams: 1, UdpOutDatagrams: 1, UdpNoPorts: 0 });
});

test('a port nobody listens on: the sender is refused, and both ends count it', () => {
  const client = h1.inet.udpBind();
  const heard = listen(client);
  client.send(bytes('x'), '10.0.0.2', 9);
  host.advance(1);
  expect(heard).toEqual(['ECONNREFUSED 10.0.0.2:9']);
  expect(h2.inet.stats).toMatchObject({ UdpNoPorts: 1, IcmpOutDestUnreachs: 1 });
  expect(h1.inet.stats.IcmpInDestUnreachs).toBe(1);
  expect(dropsByReason(h2.dev.drops)).toEqual({ NO_SOCKET: 1 });
});

test('a host that is not there is told to the socket', () => {
  const client = h1.inet.udpBind();
  const heard = listen(client);
  client.send(bytes('x'), '10.0.0.9', 9);
  host.advance(3_000);
  expect(heard).toEqual(['EHOSTUNREACH 10.0.0.9:9']);
});

test('sockets of one node talk to each other, and answering each other for ever does not hang the node', () => {
  const a = h1.inet.udpBind({ port: 1 });
  const b = h1.inet.udpBind({ port: 2 });
  let n = 0;
  a.onMessage = (buf, at, len, saddr, sport) => ++n < 5000 && a.send(buf, saddr, sport, at, len);
  b.onMessage = (buf, at, len, saddr, sport) => b.send(buf, saddr, sport, at, len);
  a.send(bytes('ball'), '127.0.0.1', 2);
  for (let turn = 0; turn < 20; turn++) host.runTurn();
  expect(n).toBe(10);
  host.advance(0);
  expect(n).toBe(5000);
  expect(h1.net.pool.inUse).toBe(0);
});

test('the socket bound to the address itself goes before the one bound to all', () => {
  h2.inet.addrAdd(h2.dev, '10.0.0.22/24');
  const one = listen(h2.inet.udpBind({ address: '10.0.0.22', port: 7 }));
  expect(() => h2.inet.udpBind({ port: 7 })).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  const other = listen(h2.inet.udpBind({ address: '10.0.0.2', port: 7 }));
  const client = h1.inet.udpBind({ port: 4000 });
  client.send(bytes('a'), '10.0.0.22', 7);
  client.send(bytes('b'), '10.0.0.2', 7);
  host.advance(1);
  expect([one, other]).toEqual([['10.0.0.1:4000>10.0.0.22 a'], ['10.0.0.1:4000>10.0.0.2 b']]);
});

test('a reply comes from the address the socket is bound to', () => {
  h2.inet.addrAdd(h2.dev, '10.0.0.22/24');
  const heard = listen(h1.inet.udpBind({ port: 4000 }));
  h2.inet.udpBind({ address: '10.0.0.22', port: 7 }).send(bytes('a'), '10.0.0.1', 4000);
  host.advance(1);
  expect(heard).toEqual(['10.0.0.22:7>10.0.0.1 a']);
});

test.each(['10.0.0.255', '255.255.255.255'])(
  'a broadcast to %s needs the socket option, reaches all and is no error to anybody',
  (to) => {
    const h3 = hub.station(3, '10.0.0.3/24');
    const two = listen(h2.inet.udpBind({ port: 7 }));
    expect(errnoName(h1.inet.udpBind().send(bytes('x'), to, 7))).toBe('EACCES');
    const client = h1.inet.udpBind({ port: 4000, broadcast: true });
    expect(client.send(bytes('x'), to, 7)).toBe(0);
    host.advance(1);
    expect(two).toEqual([`10.0.0.1:4000>${to} x`]);
    expect(h3.inet.stats).toMatchObject({ UdpNoPorts: 1, IcmpOutMsgs: 0 });
  },
);

test('a closed port is free again and no longer hears', () => {
  const socket = h2.inet.udpBind({ port: 7 });
  const heard = listen(socket);
  socket.close();
  socket.close();
  h2.inet.udpBind({ port: 7 }).close();
  h1.inet.udpBind().send(bytes('x'), '10.0.0.2', 7);
  host.advance(1);
  expect(heard).toEqual([]);
  expect(errnoName(socket.send(bytes('x'), '10.0.0.1', 7))).toBe('EINVAL');
});

test('ephemeral ports are in the range and all different', () => {
  const ports = Array.from({ length: 200 }, () => h1.inet.udpBind().port);
  expect(new Set(ports).size).toBe(200);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(32768);
  expect(Math.max(...ports)).toBeLessThanOrEqual(60999);
});

// biome-ignore format: one case a line
test.each([
  [{ port: 65536 },                       'EINVAL'],
  [{ port: -1 },                          'EINVAL'],
  [{ port: 1.5 },                         'EINVAL'],
  [{ address: 'localhost' },              'EINVAL'],
  [{ address: '10.0.0.9' },               'EADDRNOTAVAIL'],
  [{ address: '10.0.0.1', port: 7 },      'EADDRINUSE'],
])('binding %j is refused', (options, code) => {
  h1.inet.udpBind({ port: 7 });
  expect(() => h1.inet.udpBind(options)).toThrow(expect.objectContaining({ code }));
});

// biome-ignore format: one case a line
test.each([
  ['to an address behind no router', 1,     '192.168.0.1', 7,     'ENETUNREACH'],
  ['longer than a datagram',         65508, '10.0.0.2',    7,     'EMSGSIZE'],
  ['to port 0',                      1,     '10.0.0.2',    0,     'EINVAL'],
  ['to no address',                  1,     'h2',          7,     'EINVAL'],
])('sending %s is refused by a value', (_name, size, dst, port, code) => {
  expect(errnoName(h1.inet.udpBind().send(new Uint8Array(size), dst, port))).toBe(code);
});

// biome-ignore format: one case a line
test.each([
  ['a flipped bit in the payload',        (f: Uint8Array) => f.with(45, f[45]! ^ 1),            'UDP_CSUM',      { UdpInCsumErrors: 1, UdpInErrors: 1 }],
  ['a length field beyond the packet',    (f: Uint8Array) => f.with(39, 200),                   'PKT_TOO_SMALL', { UdpInCsumErrors: 0, UdpInErrors: 1 }],
  ['a length field below the header',     (f: Uint8Array) => f.with(39, 7),                     'PKT_TOO_SMALL', { UdpInCsumErrors: 0, UdpInErrors: 1 }],
])('%s is counted', (_name, spoil, reason, stats) => {
  const heard = listen(h2.inet.udpBind({ port: 7 }));
  hub.tamper = (f) => [ethType(f, 0) === ETH_P_IP ? spoil(f) : f];
  h1.inet.udpBind().send(bytes('hello'), '10.0.0.2', 7);
  host.advance(1);
  expect(heard).toEqual([]);
  expect(dropsByReason(h2.dev.drops)).toEqual({ [reason]: 1 });
  expect(h2.inet.stats).toMatchObject(stats);
});

test('a datagram without a checksum is taken, and bytes behind its length are not', () => {
  const heard = listen(h2.inet.udpBind({ port: 7 }));
  hub.tamper = (f) => [
    ethType(f, 0) === ETH_P_IP
      ? f
          .with(40, 0)
          .with(41, 0)
          .with(39, 8 + 3)
      : f,
  ];
  h1.inet.udpBind({ port: 4000 }).send(bytes('hello'), parseIpv4('10.0.0.2')!, 7);
  host.advance(1);
  expect(heard).toEqual(['10.0.0.1:4000>10.0.0.2 hel']);
});

test('a datagram whose checksum its sender left to the device is taken as verified', () => {
  const heard = listen(h2.inet.udpBind({ port: 7 }));
  const caught: Uint8Array[] = [];
  hub.tamper = (f) => {
    if (ethType(f, 0) !== ETH_P_IP) return [f];
    caught.push(f.with(40, f[40]! ^ 1));
    return [];
  };
  h1.inet.udpBind({ port: 4000 }).send(bytes('hello'), '10.0.0.2', 7);
  host.advance(1);
  for (const ipSummed of [CHECKSUM_NONE, CHECKSUM_PARTIAL]) {
    const [frame] = caught as [Uint8Array];
    const skb = h2.dev.pool.alloc(frame.length)!;
    skb.buf.set(frame, skb.put(frame.length));
    skb.ipSummed = ipSummed;
    skb.protocol = ethTypeTrans(skb, h2.dev);
    netifReceiveSkb(skb);
  }
  expect(heard).toEqual(['10.0.0.1:4000>10.0.0.2 hello']);
  expect(h2.inet.stats).toMatchObject({ UdpInCsumErrors: 1 });
});
