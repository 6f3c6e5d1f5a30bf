import {
  ETH_HLEN,
  ETH_P_IP,
  ethType,
  IPPROTO_UDP,
  ipv4ChecksumOk,
  ipv4FragOff,
  ipv4SetChecksum,
  ipv4Ttl,
  parseIpv4,
  putIpv4,
} from '@etherloom/frame';
import { devSetMtu, dropsByReason, NetError } from '@etherloom/netcore';
import { ethernetFrame, mac, VirtualHost } from '@etherloom/testkit';
import { beforeEach, expect, test } from 'vitest';
import type { PingOptions } from './ping.ts';
import { Hub, type Station } from './testing/hub.ts';

/** h1 - left - router - right - h2 */
let host: VirtualHost;
let left: Hub;
let right: Hub;
let h1: Station;
let h2: Station;
let router: Station;

beforeEach(() => {
  host = new VirtualHost();
  left = new Hub(host);
  right = new Hub(host);
  h1 = left.station(1, '10.1.0.1/24');
  h2 = right.station(2, '10.2.0.2/24');
  router = left.station(10, '10.1.0.254/24');
  const eth1 = right.port(router.net, 'eth1', 20);
  router.inet.attach(eth1);
  router.inet.addrAdd(eth1, '10.2.0.254/24');
  router.inet.ipForward = true;
  h1.inet.routeDefault('10.1.0.254');
  h2.inet.routeDefault('10.2.0.254');
  host.advance(0);
});

async function ping(target: string, options: PingOptions = {}) {
  const run = h1.inet.ping(target, { count: 1, timeout: 5, ...options });
  host.advance(10_000);
  return await run;
}

const ipFrames = (hub: Hub) => hub.log.filter((f) => ethType(f, 0) === ETH_P_IP);

test('a packet crosses a router with one hop less and a right checksum', async () => {
  expect(await ping('10.2.0.2')).toMatchObject({ received: 1 });
  const [sent] = ipFrames(left);
  const [forwarded] = ipFrames(right);
  expect([ipv4Ttl(sent!, ETH_HLEN), ipv4Ttl(forwarded!, ETH_HLEN)]).toEqual([64, 63]);
  expect(ipv4ChecksumOk(forwarded!, ETH_HLEN)).toBe(true);
  expect(router.inet.stats.IpForwDatagrams).toBe(2);
});

test('a node forwards nothing unless asked', async () => {
  router.inet.ipForward = false;
  expect(await ping('10.2.0.2')).toMatchObject({ received: 0 });
  expect(ipFrames(right)).toEqual([]);
  expect(dropsByReason(router.dev.drops)).toEqual({ IP_INADDRERRORS: 1 });
});

test('the last hop of a packet is told to its sender', async () => {
  expect((await ping('10.2.0.2', { ttl: 1 })).errors).toEqual([{ seq: 1, reason: 'Time to live exceeded' }]);
  expect(dropsByReason(router.dev.drops)).toEqual({ TTL_EXCEEDED: 1 });
  expect(router.inet.stats).toMatchObject({ IpInHdrErrors: 1, IcmpOutTimeExcds: 1 });
  expect(await ping('10.2.0.2', { ttl: 2 })).toMatchObject({ received: 1 });
});

test('a network the router does not know', async () => {
  expect((await ping('10.3.0.1')).errors).toEqual([{ seq: 1, reason: 'Destination Net Unreachable' }]);
  expect(router.inet.stats.IpExtInNoRoutes).toBe(1);
});

test('a host that is not there, told by the router', async () => {
  expect((await ping('10.2.0.9')).errors).toEqual([{ seq: 1, reason: 'Destination Host Unreachable' }]);
});

test('a narrow link: a packet that may not be fragmented comes back with the MTU, another goes in pieces', async () => {
  devSetMtu(router.net.devGetByName('eth1')!, 576);
  const refused = await ping('10.2.0.2', { size: 1000, dontFragment: true });
  expect(refused.errors).toEqual([{ seq: 1, reason: 'Frag needed and DF set (mtu = 576)' }]);
  expect(dropsByReason(router.dev.drops)).toEqual({ PKT_TOO_BIG: 1 });
  expect(await ping('10.2.0.2', { size: 1000 })).toMatchObject({ received: 1 });
  expect(router.inet.stats).toMatchObject({ IpFragOKs: 1, IpFragCreates: 2 });
});

test('a fragment that is fragmented again keeps its place in the whole', async () => {
  devSetMtu(router.net.devGetByName('eth1')!, 576);
  expect(await ping('10.2.0.2', { size: 3000 })).toMatchObject({ received: 1 });
  const offsets = ipFrames(right)
    .filter((f) => f[ETH_HLEN + 15] === 1)
    .map((f) => ipv4FragOff(f, ETH_HLEN).toString(16));
  expect(offsets).toEqual(['2000', '2045', '208a', '20b9', '20fe', '2143', '172']);
});

test('options without the copy bit go with the first fragment only', () => {
  devSetMtu(router.net.devGetByName('eth1')!, 576);
  const packet = new Uint8Array(28 + 1000);
  putIpv4(packet, 0, packet.length, 1, 0, 64, IPPROTO_UDP, parseIpv4('10.1.0.1')!, parseIpv4('10.2.0.2')!);
  packet[0] = 0x47;
  packet.set([0x07, 3, 4, 0x83, 3, 4, 0, 0], 20); // record route, loose source route, end
  ipv4SetChecksum(packet, 0);
  void ping('10.2.0.2'); // the router knows h2 then
  left.inject(router.dev, ethernetFrame({ dst: mac(10), src: mac(1), payload: packet }));
  host.advance(1);
  const options = ipFrames(right)
    .filter((f) => f[ETH_HLEN] === 0x47)
    .map((f) => [...f.subarray(ETH_HLEN + 20, ETH_HLEN + 28)]);
  expect(options).toEqual([
    [0x07, 3, 4, 0x83, 3, 4, 0, 0],
    [1, 1, 1, 0x83, 3, 4, 0, 0],
  ]);
});

test('a gateway must be on a subnet of ours, and may be taken away', async () => {
  expect(() => h1.inet.routeDefault('10.2.0.254')).toThrow(NetError);
  expect(() => h1.inet.routeDefault('10.2.0.254')).toThrow(expect.objectContaining({ code: 'ENETUNREACH' }));
  expect(() => h1.inet.routeDefault('router')).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  h1.inet.routeDefault(null);
  expect((await ping('10.2.0.2')).errors).toEqual([{ seq: 1, reason: 'Network is unreachable' }]);
});
