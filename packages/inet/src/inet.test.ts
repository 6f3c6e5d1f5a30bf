import { NetError, unregisterNetdev } from '@etherloom/netcore';
import { VirtualHost } from '@etherloom/testkit';
import { beforeEach, expect, test } from 'vitest';
import { Hub, type Station } from './testing/hub.ts';

let host: VirtualHost;
let hub: Hub;
let h1: Station;

beforeEach(() => {
  host = new VirtualHost();
  hub = new Hub(host);
  h1 = hub.station(1);
});

test('addresses are shown with the keys of ip -j addr, in its order, the second of a subnet as secondary', () => {
  h1.inet.addrAdd(h1.dev, '10.0.0.1/24');
  h1.inet.addrAdd(h1.dev, '10.0.0.5/24');
  h1.inet.addrAdd(h1.dev, '192.168.7.1/31');
  h1.inet.addrAdd(h1.dev, '127.0.0.5/8');
  const life = '"valid_life_time":4294967295,"preferred_life_time":4294967295';
  expect(h1.inet.addrs(h1.dev).map((info) => JSON.stringify(info))).toEqual([
    `{"family":"inet","local":"10.0.0.1","prefixlen":24,"broadcast":"10.0.0.255","scope":"global","label":"eth0",${life}}`,
    `{"family":"inet","local":"10.0.0.5","prefixlen":24,"broadcast":"10.0.0.255","scope":"global","secondary":true,"label":"eth0",${life}}`,
    `{"family":"inet","local":"192.168.7.1","prefixlen":31,"scope":"global","label":"eth0",${life}}`,
    `{"family":"inet","local":"127.0.0.5","prefixlen":8,"broadcast":"127.255.255.255","scope":"host","label":"eth0",${life}}`,
  ]);
});

// biome-ignore format: one case a line
test.each([
  ['fd00::3/64',        'EAFNOSUPPORT', /stack: kernel/],
  ['10.0.0.256/24',     'EINVAL',       /10\.0\.0\.256/],
  ['10.0.0.1/33',       'EINVAL',       /10\.0\.0\.1\/33/],
  ['eth0',              'EINVAL',       /eth0/],
  ['0.0.0.0/0',         'EINVAL',       /station/],
  ['224.0.0.1/24',      'EINVAL',       /station/],
  ['255.255.255.255/32', 'EINVAL',      /station/],
  ['10.0.0.9/16',       'EEXIST',       /10\.0\.0\.9 is on eth0 already/],
])('the address %s is refused, and nothing changes', (cidr, code, text) => {
  h1.inet.addrAdd(h1.dev, '10.0.0.9/24');
  const before = h1.inet.addrs(h1.dev);
  const add = () => h1.inet.addrAdd(h1.dev, cidr);
  expect(add).toThrow(expect.objectContaining({ code }));
  expect(add).toThrow(text);
  expect(h1.inet.addrs(h1.dev)).toEqual(before);
});

test('an address that was taken off no longer answers, and may be added again', async () => {
  const h2 = hub.station(2, '10.0.0.2/24');
  h1.inet.addrAdd(h1.dev, '10.0.0.1/24');
  h1.inet.addrDel(h1.dev, '10.0.0.1/24');
  expect(() => h1.inet.addrDel(h1.dev, '10.0.0.1/24')).toThrow(
    expect.objectContaining({ code: 'EADDRNOTAVAIL' }),
  );
  const gone = h2.inet.ping('10.0.0.1', { count: 1 });
  host.advance(5_000);
  expect(await gone).toMatchObject({ received: 0 });
  h1.inet.addrAdd(h1.dev, '10.0.0.1/24');
  const back = h2.inet.ping('10.0.0.1', { count: 1 });
  host.advance(5_000);
  expect(await back).toMatchObject({ received: 1 });
});

test('the longest prefix wins', async () => {
  h1.inet.addrAdd(h1.dev, '10.0.0.1/8');
  const eth1 = hub.port(h1.net, 'eth1', 11);
  h1.inet.attach(eth1);
  h1.inet.addrAdd(eth1, '10.9.0.1/16');
  const h2 = hub.station(2, '10.9.0.2/8');
  const run = h1.inet.ping('10.9.0.2', { count: 1 });
  host.advance(10);
  expect(await run).toMatchObject({ received: 1 });
  expect(h1.inet.neigh()).toMatchObject([{ dst: '10.9.0.2', dev: 'eth1' }]);
  expect(h2.inet.neigh()).toMatchObject([{ dst: '10.9.0.1', lladdr: '02:00:00:00:00:0b' }]);
});

test('a device that is not attached is refused; attaching twice changes nothing', () => {
  const eth1 = hub.port(h1.net, 'eth1', 11);
  expect(() => h1.inet.addrAdd(eth1, '10.0.0.1/24')).toThrow(NetError);
  expect(() => h1.inet.addrs(eth1)).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  h1.inet.addrAdd(h1.dev, '10.0.0.1/24');
  h1.inet.attach(h1.dev);
  expect(h1.inet.addrs(h1.dev)).toHaveLength(1);
});

test('a device that is unregistered takes its addresses and neighbours along', () => {
  h1.inet.addrAdd(h1.dev, '10.0.0.1/24');
  void h1.inet.ping('10.0.0.2', { count: 1 });
  unregisterNetdev(h1.dev);
  expect(h1.inet.neigh()).toEqual([]);
  expect(h1.inet.devices.size).toBe(0);
  host.advance(2_000);
  expect([h1.net.pool.inUse, host.pendingTimers]).toEqual([0, 0]);
});

test('a stopped stack leaves no timer and no skb, and hears nothing more', async () => {
  const h2 = hub.station(2, '10.0.0.2/24');
  h1.inet.addrAdd(h1.dev, '10.0.0.1/24');
  const pings = ['10.0.0.9', '10.0.0.2'].map((to) => h1.inet.ping(to, { count: 1000, timeout: 60 }));
  host.advance(10);
  h1.inet.stop();
  h2.inet.stop();
  for (const run of pings) await expect(run).rejects.toMatchObject({ code: 'ENETDOWN' });
  host.runTurns();
  expect([h1.net.pool.inUse, h2.net.pool.inUse, host.pendingTimers]).toEqual([0, 0, 0]);
});
