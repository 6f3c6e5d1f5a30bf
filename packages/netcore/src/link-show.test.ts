import { mac, RingNic, VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { devOpen } from './dev-flags.ts';
import { devSetAlias, devSetMacAddress } from './dev-settings.ts';
import { etherSetup } from './ethernet.ts';
import { ipLinkShow } from './link-show.ts';
import { netifCarrierOff, netifCarrierOn } from './link-watch.ts';
import { Net } from './net.ts';
import { type RtnlLinkOps, rtnlNewLink } from './rtnetlink.ts';

/** `ip -j -d -s -s link` of a veth end, iproute2 6.1 on Linux 6.18. */
const LINUX = JSON.parse(
  '{"ifindex":3,"link":"v1","ifname":"v0","flags":["NO-CARRIER","BROADCAST","MULTICAST","UP","M-DOWN"],"mtu":1500,"qdisc":"noqueue","operstate":"LOWERLAYERDOWN","linkmode":"DEFAULT","group":"default","txqlen":1000,"link_type":"ether","address":"82:fc:90:e3:c5:28","broadcast":"ff:ff:ff:ff:ff:ff","promiscuity":0,"allmulti":0,"min_mtu":68,"max_mtu":65535,"linkinfo":{"info_kind":"veth"},"inet6_addr_gen_mode":"eui64","num_tx_queues":2,"num_rx_queues":2,"gso_max_size":65536,"gso_max_segs":65535,"tso_max_size":524280,"tso_max_segs":65535,"gro_max_size":65536,"stats64":{"rx":{"bytes":0,"packets":0,"errors":0,"dropped":0,"over_errors":0,"multicast":0,"length_errors":0,"crc_errors":0,"frame_errors":0,"fifo_errors":0,"missed_errors":0},"tx":{"bytes":0,"packets":0,"errors":0,"dropped":0,"carrier_errors":0,"collisions":0,"aborted_errors":0,"fifo_errors":0,"window_errors":0,"heartbeat_errors":0,"carrier_changes":1}}}',
);
/** Printed by newer iproute2 only. */
const NEWER = ['gso_ipv4_max_size', 'gro_ipv4_max_size'];

const testOps: RtnlLinkOps = {
  kind: 'veth',
  setup: (dev) => {
    etherSetup(dev);
    dev.netdevOps = { ndoStartXmit: () => 0 };
  },
};

function pair() {
  const net = new Net(new VirtualHost());
  const v1 = rtnlNewLink(net, testOps, { name: 'v1', address: mac(1) });
  const v0 = rtnlNewLink(net, testOps, { name: 'v0', address: '02:00:00:00:00:02' });
  v0.iflink = v1.ifindex;
  return { v0, v1 };
}

test('the keys are those of ip -j -d -s -s link, in its order', () => {
  const shown = ipLinkShow(pair().v0);
  const keys = Object.keys(shown).filter((key) => !NEWER.includes(key));
  expect(keys).toEqual(Object.keys(LINUX));
  expect(Object.keys(shown.stats64.rx)).toEqual(Object.keys(LINUX.stats64.rx));
  expect(Object.keys(shown.stats64.tx)).toEqual(Object.keys(LINUX.stats64.tx));
});

test('the values read as on Linux', () => {
  const { v0, v1 } = pair();
  devOpen(v0);
  netifCarrierOff(v1);
  netifCarrierOff(v0);
  const { ifindex, ...own } = LINUX;
  const qdisc = 'pfifo_fast'; // this one has a queue
  const limits = { num_tx_queues: 1, num_rx_queues: 1, tso_max_size: 65536, max_mtu: 1500 };
  expect(ipLinkShow(v0)).toMatchObject({
    ...own,
    ...limits,
    qdisc,
    ifindex: 2,
    address: '02:00:00:00:00:02',
  });
});

test('what iproute2 shows only at need is shown at need', () => {
  const { dev } = new RingNic(new Net(new VirtualHost()));
  dev.permAddr.set(mac(4));
  devSetAlias(dev, 'uplink');
  devSetMacAddress(dev, mac(5));
  Object.assign(dev.stats, { rxNohandler: 2, rxOtherhostDropped: 3, rxMissedErrors: 4 });
  const { ifalias, permaddr, linkinfo, stats64 } = ipLinkShow(dev);
  expect([ifalias, permaddr === undefined, linkinfo]).toEqual(['uplink', false, undefined]);
  expect(stats64.rx).toMatchObject({ nohandler: 2, otherhost: 3, missed_errors: 4 });
});

test('carrier changes are the sum of both ways', () => {
  const { dev } = new RingNic(new Net(new VirtualHost()));
  for (let i = 0; i < 3; i++) {
    netifCarrierOff(dev);
    netifCarrierOn(dev);
  }
  expect(ipLinkShow(dev).stats64.tx['carrier_changes']).toBe(6);
});

// biome-ignore format: one case a line
test.each([
  [{ address: '01:00:5e:00:00:01' }, 'EADDRNOTAVAIL'],
  [{ address: 'nonsense' },          'EINVAL'],
  [{ mtu: 67 },                      'EINVAL'],
  [{ mtu: 70_000 },                  'EINVAL'],
  [{ name: 'a/b' },                  'EINVAL'],
])('a new link with %o is refused and not made', (options, code) => {
  const net = new Net(new VirtualHost());
  expect(() => rtnlNewLink(net, testOps, options)).toThrow(expect.objectContaining({ code }));
  expect([...net.devices()]).toEqual([]);
});
