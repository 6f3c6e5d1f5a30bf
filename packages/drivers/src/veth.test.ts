import {
  consumeSkb,
  devClose,
  devOpen,
  devQueueXmit,
  devSetMtu,
  ipLinkShow,
  Net,
  type NetDevice,
  rtnlDelLink,
  rtnlNewLink,
  SKB_DROP_REASON_PKT_TOO_BIG,
} from '@etherloom/netcore';
import { heapPerCall, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { contractFrame, netDeviceContract } from './contract.ts';
import { vethLinkOps, vethPeer } from './veth.ts';

function pair() {
  const host = new VirtualHost();
  const net = new Net(host);
  const v0 = rtnlNewLink(net, vethLinkOps, { name: 'v0', peer: { name: 'v1' } });
  return { net, v0, v1: vethPeer(v0)!, settle: () => host.runTurns() };
}

function create() {
  const { v0, v1, settle } = pair();
  const receive = () => void devQueueXmit(contractFrame(v1));
  return { dev: v0, connect: () => devOpen(v1), settle, receive };
}

netDeviceContract('veth', create, { test, expect });

describe('the link of a pair, as the kernel prints it', () => {
  const see = (dev: NetDevice) => {
    const { flags, operstate, qdisc } = ipLinkShow(dev);
    return `${flags.join(',')} ${qdisc} ${operstate}`;
  };

  test('one end up: NO-CARRIER and LOWERLAYERDOWN', () => {
    const { v0, v1 } = pair();
    devOpen(v0);
    expect(see(v0)).toBe('NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN noqueue LOWERLAYERDOWN');
    expect(see(v1)).toBe('BROADCAST,MULTICAST noop DOWN');
    expect(ipLinkShow(v0)).toMatchObject({ link: 'v1', stats64: { tx: { carrier_changes: 1 } } });
  });

  test('both ends up: UP; one down again: LOWERLAYERDOWN at the other', () => {
    const { v0, v1 } = pair();
    devOpen(v0);
    devOpen(v1);
    expect([see(v0), see(v1)]).toEqual(Array(2).fill('BROADCAST,MULTICAST,UP,LOWER_UP noqueue UP'));
    devClose(v1);
    expect(see(v0)).toBe('NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN noqueue LOWERLAYERDOWN');
    expect([v0.carrierUpCount, v0.carrierDownCount]).toEqual([1, 2]);
  });

  test('a deleted end takes the other along', () => {
    const { net, v1 } = pair();
    rtnlDelLink(v1);
    expect([...net.devices()]).toEqual([]);
  });
});

test('a frame sent is the frame received, counted at both ends', () => {
  const { net, v0, v1, settle } = pair();
  let got = 0;
  net.devAddPack(0x88b5, (skb, dev) => {
    got += dev === v1 ? skb.len : 0;
    consumeSkb(skb);
  });
  devOpen(v0);
  devOpen(v1);
  devQueueXmit(contractFrame(v0));
  settle();
  expect(got).toBe(46);
  expect(v0.stats).toMatchObject({ txPackets: 1, txBytes: 60, txDropped: 0 });
  expect(v1.stats).toMatchObject({ rxPackets: 1, rxBytes: 60, rxDropped: 0 });
});

// biome-ignore format: one case a line
test.each([
  ['the MTU and an Ethernet header', 1514, 0],
  ['and a VLAN tag',                 1518, 0],
  ['and no byte more',               1519, 1],
])('a receiver takes %s', (_what, length, dropped) => {
  const { v0, v1, settle } = pair();
  devOpen(v0);
  devOpen(v1);
  devSetMtu(v0, 9000);
  const skb = contractFrame(v0);
  skb.put(length - 60);
  devQueueXmit(skb);
  expect([v0.stats.txDropped, v1.stats.rxDropped]).toEqual([dropped, dropped]);
  expect(v1.drops[SKB_DROP_REASON_PKT_TOO_BIG]).toBe(dropped);
  settle();
});

test('a pair whose peer name is taken is not made at all', () => {
  const { net } = pair();
  expect(() => rtnlNewLink(net, vethLinkOps, { name: 'v2', peer: { name: 'v0' } })).toThrow(/v0 exists/);
  expect(() => rtnlNewLink(net, vethLinkOps, { name: 'v0', peer: { name: 'v9' } })).toThrow(/v0 exists/);
  expect([...net.devices()].map((dev) => dev.name)).toEqual(['v1', 'v0']);
});

test('from one end to the other nothing is allocated per frame', () => {
  const BURST = 256;
  const { net, v0, v1 } = pair();
  const interrupt = () => {}; // runs the softirqs on its way out, where a virtual turn would allocate
  net.devAddPack(0x88b5, (skb) => consumeSkb(skb));
  devOpen(v0);
  devOpen(v1);
  const sendOneFrame = () => {
    const skb = net.pool.alloc(60)!;
    const at = skb.put(60);
    skb.buf[at + 12] = 0x88;
    skb.buf[at + 13] = 0xb5;
    skb.dev = v0;
    devQueueXmit(skb);
  };
  let sent = 0;
  const grow = heapPerCall(() => {
    sendOneFrame();
    if (++sent % BURST === 0) net.irq(interrupt);
  });
  expect(grow).toBeLessThan(1);
  expect([v1.stats.rxDropped, v1.stats.rxPackets === sent]).toEqual([0, true]);
});
