import { ETH_HLEN, IPPROTO_ICMP, ipv4Ttl, macToString } from '@etherloom/frame';
import { dropsByReason, netifCarrierOff, netifCarrierOn } from '@etherloom/netcore';
import { VirtualHost } from '@etherloom/testkit';
import { beforeEach, expect, test } from 'vitest';
import type { PingOptions } from './ping.ts';
import type { PingResult } from './ping-run.ts';
import { Hub, type Station } from './testing/hub.ts';

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

/** Runs a ping to its end on the virtual clock. */
async function ping(
  from: Station,
  target: string,
  options: PingOptions = {},
  ms = 60_000,
): Promise<PingResult> {
  const result = from.inet.ping(target, options);
  host.advance(ms);
  return await result;
}

test('four requests are answered; round trips are the wire twice, the first with ARP on top', async () => {
  hub.delay = 5;
  const result = await ping(h1, '10.0.0.2');
  expect(result).toMatchObject({ sent: 4, received: 4, duplicates: 0, errors: [] });
  expect(result.rtt!.min).toBeCloseTo(0.01, 9);
  expect(result.rtt!.max).toBeCloseTo(0.02, 9);
  expect(result.rtt!.avg).toBeCloseTo(0.0125, 9);
  expect(result.rtt!.mdev).toBeCloseTo(Math.sqrt((0.0075 ** 2 + 3 * 0.0025 ** 2) / 4), 9);
  expect(h2.inet.stats).toMatchObject({
    IcmpInEchos: 4,
    IcmpOutEchoReps: 4,
    IpInReceives: 4,
    IpInDelivers: 4,
  });
  expect(h1.inet.stats).toMatchObject({ IcmpOutEchos: 4, IcmpInEchoReps: 4 });
});

test('a run is over when the last answer is in, and leaves no timer and no skb behind', async () => {
  await ping(h1, '10.0.0.2', { count: 2, interval: 0.01 }, 10_000);
  expect(host.pendingTimers).toBe(0);
  expect([h1.net.pool.inUse, h2.net.pool.inUse]).toEqual([0, 0]);
});

test('requests go out at the interval whether or not they are answered', async () => {
  hub.delay = 300;
  const result = await ping(h1, '10.0.0.2', { count: 5, interval: 0.1, timeout: 2 });
  expect(result).toMatchObject({ sent: 5, received: 5 });
});

test('an answer after the timeout does not count', async () => {
  await ping(h1, '10.0.0.2', { count: 1 });
  hub.delay = 600;
  expect(await ping(h1, '10.0.0.2', { count: 2 })).toEqual({
    sent: 2,
    received: 0,
    duplicates: 0,
    rtt: null,
    errors: [
      { seq: 1, reason: 'timeout' },
      { seq: 2, reason: 'timeout' },
    ],
  });
  expect(await ping(h1, '10.0.0.2', { count: 2, timeout: 2 })).toMatchObject({ received: 2, errors: [] });
});

test('a lost request and a lost reply are told by their sequence', async () => {
  await ping(h1, '10.0.0.2', { count: 1 });
  let n = 0;
  hub.tamper = (frame) => (++n === 3 || n === 6 ? [] : [frame]); // request 2, and (after 3 and 4) reply 4 is 7
  const result = await ping(h1, '10.0.0.2', { count: 4 });
  expect(result).toMatchObject({ sent: 4, received: 2 });
  expect(result.errors.map((e) => e.seq)).toEqual([2, 4]);
});

test('a reply that comes twice is one answer and one duplicate', async () => {
  hub.tamper = (frame, from) => (from === h2.dev ? [frame, frame] : [frame]);
  expect(await ping(h1, '10.0.0.2', { count: 3 })).toMatchObject({ received: 3, duplicates: 2 });
});

test('runs at the same time do not hear each other', async () => {
  const a = h1.inet.ping('10.0.0.2', { count: 3 });
  const b = h1.inet.ping('10.0.0.3', { count: 2 });
  const c = h2.inet.ping('10.0.0.1', { count: 1 });
  host.advance(20_000);
  expect(await a).toMatchObject({ sent: 3, received: 3 });
  expect(await b).toMatchObject({ sent: 2, received: 0 });
  expect(await c).toMatchObject({ sent: 1, received: 1 });
});

// biome-ignore format: one case a line
test.each([
  ['own address',       '10.0.0.1',  { received: 4, errors: [] }],
  ['loopback',          '127.0.0.1', { received: 4, errors: [] }],
  ['empty payload',     '10.0.0.2',  { received: 4, errors: [] }, { size: 0 }],
  ['largest datagram',  '10.0.0.2',  { received: 4, errors: [] }, { size: 65507 }],
] as [string, string, object, PingOptions?][])('%s', async (_name, target, want, options = {}) => {
  expect(await ping(h1, target, options)).toMatchObject(want);
});

test('a host that is not there: ARP gives up, and the sender hears of it', async () => {
  const result = await ping(h1, '10.0.0.9', { count: 1, timeout: 5 });
  expect(result.errors).toEqual([{ seq: 1, reason: 'Destination Host Unreachable' }]);
  expect(dropsByReason(h1.dev.drops)).toEqual({ NEIGH_FAILED: 1 });
});

test('an address behind no router', async () => {
  const result = await ping(h1, '192.168.1.1', { count: 2 });
  expect(result.errors).toEqual([
    { seq: 1, reason: 'Network is unreachable' },
    { seq: 2, reason: 'Network is unreachable' },
  ]);
  expect(h1.inet.stats.IpOutNoRoutes).toBe(2);
});

test('while the carrier is off nothing passes; when it is back the same addresses answer', async () => {
  await ping(h1, '10.0.0.2', { count: 1 });
  netifCarrierOff(h1.dev);
  expect(await ping(h1, '10.0.0.2')).toMatchObject({ sent: 4, received: 0 });
  netifCarrierOn(h1.dev);
  expect(await ping(h1, '10.0.0.2')).toMatchObject({ sent: 4, received: 4 });
});

test('the ttl asked for is the ttl sent', async () => {
  await ping(h1, '10.0.0.2', { count: 1, ttl: 7 });
  const echo = hub.log.find((f) => f[ETH_HLEN + 9] === IPPROTO_ICMP)!;
  expect([macToString(echo, 0), ipv4Ttl(echo, ETH_HLEN)]).toEqual(['02:00:00:00:00:02', 7]);
});

test('an aborted run rejects with the reason and stops sending', async () => {
  const abort = new AbortController();
  const run = h1.inet.ping('10.0.0.2', { count: 100 }, abort.signal);
  host.advance(2_500);
  abort.abort(new Error('enough'));
  const sent = h1.inet.stats.IcmpOutEchos;
  host.advance(10_000);
  await expect(run).rejects.toThrow('enough');
  expect([sent, h1.inet.stats.IcmpOutEchos]).toEqual([3, 3]);
  expect(host.pendingTimers).toBe(0);
});

// biome-ignore format: one case a line
test.each([
  ['h2',        {},                  'EINVAL'],
  ['0.0.0.0',   {},                  'EINVAL'],
  ['10.0.0.2',  { count: 0 },        'EINVAL'],
  ['10.0.0.2',  { count: 1.5 },      'EINVAL'],
  ['10.0.0.2',  { count: 65536 },    'EINVAL'],
  ['10.0.0.2',  { size: 65508 },     'EINVAL'],
  ['10.0.0.2',  { interval: -1 },    'EINVAL'],
  ['10.0.0.2',  { timeout: 0 },      'EINVAL'],
  ['10.0.0.2',  { timeout: NaN },    'EINVAL'],
  ['10.0.0.2',  { ttl: 256 },        'EINVAL'],
  ['fd00::3',   {},                  'EAFNOSUPPORT'],
])('%s %j is refused with a code', async (target, options, code) => {
  await expect(h1.inet.ping(target, options)).rejects.toMatchObject({ code });
});
