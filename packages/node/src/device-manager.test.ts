import { Net } from '@etherloom/netcore';
import {
  type DataHello,
  type DeviceSlice,
  IpAddr,
  IpLink,
  type NodeApply,
  Qdisc,
  Stats64,
} from '@etherloom/schema';
import { VirtualHost } from '@etherloom/testkit';
import { createMemoryPair, type Transport } from '@etherloom/transport';
import { expect, test } from 'vitest';
import { DeviceManager } from './device-manager.ts';
import { bareStack } from './node-stack.ts';
import { UserNodeStack } from './user-node-stack.ts';

const MAC = '02:00:00:00:00:0';

/** A machine with as many nodes as asked for; two devices with one data URL are joined by a memory transport. */
function machine() {
  const host = new VirtualHost(1);
  const logged: string[] = [];
  const log = {
    debug: () => {},
    info: (_fields: object, text: string) => logged.push(`info ${text}`),
    warn: (fields: object, text: string) =>
      logged.push(`warn ${text}: ${(fields as { err: Error }).err.message}`),
  };
  const ends = new Map<string, Transport>();
  const hellos: (() => DataHello)[] = [];
  const openCable = (url: string, hello: () => DataHello) => {
    hellos.push(hello);
    const waiting = ends.get(url);
    if (waiting !== undefined) return waiting;
    const [near, far] = createMemoryPair((fn) => host.endOfTurn(fn));
    ends.set(url, far);
    return near;
  };
  const node = (name: string) => {
    const net = new Net(host);
    const makeStack = (stack: string) => (stack === 'user' ? new UserNodeStack(net) : bareStack);
    return { net, devices: new DeviceManager({ net, node: name, openCable, makeStack, log }) };
  };
  return { host, hellos, node, logged };
}

function slice(given: Partial<DeviceSlice> = {}): DeviceSlice {
  const base = {
    name: 'eth0',
    kind: 'wslink',
    mac: `${MAC}1`,
    mtu: 1500,
    ip: [],
    up: true,
    dataUrl: 'cable',
  };
  return { ...base, ...given } as DeviceSlice;
}

function lab(devices: DeviceSlice[], stack: NodeApply['stack'] = 'user'): NodeApply {
  return { lab: 'test', stack, devices };
}

/** h1 and h2, with addresses, on one cable. */
function twoHosts() {
  const { host, hellos, node } = machine();
  const h1 = node('h1');
  const h2 = node('h2');
  const wanted1 = lab([slice({ ip: ['10.0.0.1/24'] })]);
  const wanted2 = lab([slice({ mac: `${MAC}2`, ip: ['10.0.0.2/24'] })]);
  h1.devices.apply(wanted1);
  h2.devices.apply(wanted2);
  host.advance(10);
  return { host, hellos, h1, h2, wanted1 };
}

const REQUEST = { target: '10.0.0.2', count: 2, interval: 0.01, size: 56, timeout: 1 };

async function ping({ host, h1 }: ReturnType<typeof twoHosts>) {
  const result = h1.devices.ping(REQUEST);
  host.advance(5000);
  return result;
}

test('a device is what its slice says, and two of them ping each other', async () => {
  const hosts = twoHosts();
  expect(hosts.h1.devices.list()).toMatchObject([
    { ifname: 'lo' },
    {
      ifname: 'eth0',
      address: `${MAC}1`,
      mtu: 1500,
      operstate: 'UP',
      linkinfo: { info_kind: 'wslink', info_data: { link_mtu: 65535 } },
    },
  ]);
  expect(await ping(hosts)).toMatchObject({ target: '10.0.0.2', sent: 2, received: 2, errors: [] });
});

test('what a device shows has the shape the schema says', () => {
  const { h1 } = twoHosts();
  for (const shown of h1.devices.list()) expect(IpLink.parse(shown)).toEqual(shown);
  expect(Stats64.parse(h1.devices.stats('eth0').stats64)).toBeDefined();
  expect(h1.devices.qdisc('eth0').map((qdisc) => Qdisc.parse(qdisc).kind)).toEqual(['pfifo_fast']);
  expect(h1.devices.ethtool('eth0').drvinfo).toMatchObject({ driver: 'wslink' });
});

test('applying the same again touches nothing: same device, same counters, carrier never lost', async () => {
  const hosts = twoHosts();
  await ping(hosts);
  const before = hosts.h1.devices.list();
  expect(hosts.h1.devices.apply(hosts.wanted1)).toEqual({ results: [{ device: 'eth0' }] });
  hosts.host.advance(100);
  expect(hosts.h1.devices.list()).toEqual(before);
});

test('changed settings are taken over, those not named stay', async () => {
  const hosts = twoHosts();
  const { devices } = hosts.h1;
  devices.set('eth0', { txqlen: 50, ifalias: 'uplink' });
  devices.apply(lab([slice({ mac: `${MAC}9`, mtu: 1400, ip: ['10.0.0.7/24'] })]));
  hosts.host.advance(10);
  expect(devices.list()).toMatchObject([
    { ifname: 'lo' },
    { mtu: 1400, address: `${MAC}9`, txqlen: 50, ifalias: 'uplink', operstate: 'UP' },
  ]);
  expect(await ping(hosts)).toMatchObject({ received: 2 });
});

test('a device of another kind takes the place of the one that had its name', () => {
  const { devices, net } = machine().node('h1');
  devices.apply(lab([slice()]));
  const before = net.devGetByName('eth0');
  expect(devices.apply(lab([slice({ kind: 'dummy', dataUrl: null })])).results).toEqual([{ device: 'eth0' }]);
  expect(net.devGetByName('eth0')).not.toBe(before);
  expect(devices.list()[1]).toMatchObject({ ifname: 'eth0', linkinfo: { info_kind: 'dummy' } });
});

test('altnames that the lab drops go, those that somebody else gave stay', () => {
  const { devices } = machine().node('h1');
  devices.apply(lab([slice({ altnames: ['wan', 'lan'] })]));
  devices.set('eth0', { altnames: { add: ['mine'], del: [] } });
  devices.apply(lab([slice({ altnames: ['lan'] })]));
  expect([...(devices.list()[1]!.altnames ?? [])].sort()).toEqual(['lan', 'mine']);
});

test('devices that are not named any more are gone, and their cable with them', () => {
  const { host, h1, h2 } = twoHosts();
  h1.devices.apply(lab([]));
  host.advance(10);
  expect(h1.devices.list().map(({ ifname }) => ifname)).toEqual(['lo']);
  expect(h2.devices.list()[1]?.operstate).toBe('DOWN');
  expect(() => h1.devices.stats('eth0')).toThrow(expect.objectContaining({ code: 'ENODEV' }));
});

test('unplugged and plugged in again it keeps its epoch and its counters', async () => {
  const hosts = twoHosts();
  await ping(hosts);
  const { devices } = hosts.h1;
  const hello = hosts.hellos[0]!();
  expect(hello).toMatchObject({ node: 'h1', device: 'eth0', mac: `${MAC}1`, up: true });
  expect(hello.tx).toBeGreaterThan(1);
  devices.apply(lab([slice({ ip: ['10.0.0.1/24'], dataUrl: null })]));
  hosts.host.advance(10);
  expect(devices.list()[1]?.flags).toContain('NO-CARRIER');
  devices.apply(lab([slice({ ip: ['10.0.0.1/24'], dataUrl: 'elsewhere' })]));
  expect(hosts.hellos.at(-1)!()).toMatchObject({ epoch: hello.epoch, tx: hello.tx, rx: hello.rx });
});

test('one device that cannot be made does not keep the others from it, and leaves nothing', () => {
  const { node } = machine();
  const { devices, net } = node('h1');
  const bad = slice({ name: 'eth1', mac: `${MAC}3`, ip: ['fd00::1/64'], dataUrl: null });
  const { results } = devices.apply(lab([bad, slice()]));
  expect(results).toMatchObject([{ device: 'eth1', error: { code: 'EAFNOSUPPORT' } }, { device: 'eth0' }]);
  expect([...net.devices()].map((dev) => dev.name)).toEqual(['lo', 'eth0']);
});

test('a device that cannot be made is told in the log once, not at each time of asking, and when it can be', () => {
  const { node, logged } = machine();
  const { devices } = node('h1');
  const bad = slice({ ip: ['fd00::1/64'] });
  devices.apply(lab([bad]));
  devices.apply(lab([bad]));
  expect(logged).toEqual([
    expect.stringMatching(/^warn cannot make the device as the lab says: eth0: .*IPv6/),
  ]);
  devices.apply(lab([slice()]));
  devices.apply(lab([slice()]));
  expect(logged.slice(1)).toEqual(['info the device is as the lab says now']);
  devices.apply(lab([bad]));
  expect(logged).toHaveLength(3);
});

test('a patch that is refused in part changes nothing', () => {
  const { h1 } = twoHosts();
  const before = h1.devices.list();
  const patch = { up: false, txqlen: 7, ifalias: 'x'.repeat(300) };
  expect(() => h1.devices.set('eth0', patch)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  const [, after] = h1.devices.list();
  expect({ ...after, stats64: null }).toEqual({ ...before[1], stats64: null });
});

test('a device that loses its carrier by a patch says so at both ends, and heals', () => {
  const { host, h1, h2 } = twoHosts();
  h1.devices.set('eth0', { carrier: false });
  host.advance(10);
  expect([h1, h2].map(({ devices }) => devices.list()[1]?.operstate)).toEqual(['DOWN', 'DOWN']);
  h1.devices.set('eth0', { carrier: true });
  host.advance(10);
  expect([h1, h2].map(({ devices }) => devices.list()[1]?.operstate)).toEqual(['UP', 'UP']);
});

test('another stack starts afresh; a node without one refuses addresses and pings', async () => {
  const { h1 } = twoHosts();
  const { results } = h1.devices.apply(lab([slice({ ip: ['10.0.0.1/24'] })], 'none'));
  expect(results[0]?.error?.code).toBe('EOPNOTSUPP');
  expect(h1.devices.list().map(({ ifname }) => ifname)).toEqual(['lo']);
  expect(h1.devices.apply(lab([slice()], 'none'))).toEqual({ results: [{ device: 'eth0' }] });
  await expect(h1.devices.ping(REQUEST)).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
});

test('a node has lo before all else, as Linux shows it, and its own addresses answer', async () => {
  const hosts = twoHosts();
  const { h1 } = hosts;
  expect(h1.devices.list()).toMatchObject([
    {
      ifindex: 1,
      ifname: 'lo',
      flags: ['LOOPBACK', 'UP', 'LOWER_UP'],
      mtu: 65536,
      operstate: 'UNKNOWN',
      link_type: 'loopback',
    },
    { ifindex: 2, ifname: 'eth0' },
  ]);
  const pings = ['10.0.0.1', '127.0.0.1'].map((target) => h1.devices.ping({ ...REQUEST, target }));
  hosts.host.advance(5000);
  expect(await Promise.all(pings)).toMatchObject([{ received: 2 }, { received: 2 }]);
});

test('lo is a device like any other, but has no wire to unplug', () => {
  const { h1 } = twoHosts();
  expect(h1.devices.stats('lo').stats64.rx.packets).toBe(0);
  expect(h1.devices.set('lo', { up: false }).flags).toEqual(['LOOPBACK']);
  for (const carrier of [false, true]) {
    expect(() => h1.devices.set('lo', { carrier })).toThrow(expect.objectContaining({ code: 'EOPNOTSUPP' }));
  }
});

test('a wire that is dead already stays unplugged when the cable is back', () => {
  const { host, h1, h2 } = twoHosts();
  h2.devices.set('eth0', { up: false });
  host.advance(10);
  expect(h1.devices.set('eth0', { carrier: false }).flags).toContain('NO-CARRIER');
  h2.devices.set('eth0', { up: true });
  host.advance(10);
  expect(h1.devices.list()[1]?.operstate).toBe('DOWN');
});

test('closing leaves no device, no skb and no timer', async () => {
  const hosts = twoHosts();
  await ping(hosts);
  for (const { devices, net } of [hosts.h1, hosts.h2]) {
    devices.close();
    net.stop();
  }
  hosts.host.advance(60_000);
  expect([hosts.h1, hosts.h2].map(({ net }) => net.pool.inUse)).toEqual([0, 0]);
  expect(hosts.host.pendingTimers).toBe(0);
});

test('the order of keys, which is that of iproute2, survives the way through the schema', () => {
  const { h1 } = twoHosts();
  h1.devices.set('eth0', { ifalias: 'to the office', altnames: { add: ['uplink'] } });
  for (const link of h1.devices.list()) {
    expect(JSON.stringify(IpLink.parse(link))).toBe(JSON.stringify(link));
  }
  for (const address of h1.devices.addresses()) {
    expect(JSON.stringify(IpAddr.parse(address))).toBe(JSON.stringify(address));
  }
});
