import { ethernetFrame, l4Frame, mac, VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { allocNetdev } from './alloc-netdev.ts';
import { devOpen } from './dev-flags.ts';
import { devQueueXmit } from './dev-queue-xmit.ts';
import { SKB_DROP_REASON_NOT_SPECIFIED } from './drop-reason.ts';
import { etherSetup } from './ethernet.ts';
import { skbGetHash } from './flow-dissector.ts';
import { Net } from './net.ts';
import type { NetDeviceOps } from './net-device.ts';
import { registerNetdev } from './register.ts';
import { consumeSkb, kfreeSkb, SkbPool } from './skb-pool.ts';
import { netifTxStopQueue, netifTxWakeQueue } from './tx-queue.ts';
import { NET_XMIT_CN, NET_XMIT_DROP, NET_XMIT_SUCCESS, NETDEV_TX_OK } from './xmit.ts';

const QUEUES = 4;
const DATA = new Uint8Array(40);

/** A card with four rings: what each was given, as queue:length. */
function card(ops: Partial<NetDeviceOps> = {}) {
  const host = new VirtualHost();
  const log: string[] = [];
  const net = new Net(host, { printk: (text) => log.push(text) });
  const sent: number[] = [];
  const setup = (dev: Parameters<typeof etherSetup>[0]) => {
    etherSetup(dev);
    dev.netdevOps = {
      ndoStartXmit: (skb) => {
        sent.push(skb.queueMapping);
        consumeSkb(skb);
        return NETDEV_TX_OK;
      },
      ...ops,
    };
  };
  const dev = allocNetdev(net, 'eth0', setup, QUEUES);
  registerNetdev(dev);
  devOpen(dev);
  const send = (frame: Uint8Array, priority = 0) => {
    const skb = dev.pool.alloc(frame.length)!;
    skb.buf.set(frame, skb.put(frame.length));
    skb.dev = dev;
    skb.priority = priority;
    return devQueueXmit(skb);
  };
  return { host, dev, log, sent, send };
}

/** From a port of its own. */
function flow(n: number, udp = false, payload = new Uint8Array(40)): Uint8Array {
  return l4Frame({ payload, udp, source: 1000 + n });
}

test('the frames of a flow go to one queue, and flows spread over all', () => {
  const { sent, send } = card();
  for (let n = 0; n < 400; n++) send(flow(n % 200));
  expect(sent.slice(0, 200)).toEqual(sent.slice(200));
  const each = Array.from({ length: QUEUES }, (_, q) => sent.filter((queue) => queue === q).length);
  expect(Math.min(...each)).toBeGreaterThan(60);
});

test('ndoSelectQueue decides; a queue that is not there is the first, and the log says so', () => {
  const { sent, send, log } = card({ ndoSelectQueue: (skb) => skb.priority });
  for (const priority of [3, 1, 9, -1]) send(flow(0), priority);
  expect(sent).toEqual([3, 1, 0, 0]);
  expect(log).toEqual(
    [9, -1].map((queue) => `eth0 selects TX queue ${queue}, but real number of TX queues is 4`),
  );
});

test('a queue that is stopped holds back its own flows alone, each behind bands of its own', () => {
  const { host, dev, sent, send } = card({ ndoSelectQueue: (skb) => skb.mark });
  netifTxStopQueue(dev.txq[0]!);
  send(flow(0), 2); // band 2
  send(flow(0), 6); // band 0
  expect([sent, dev.txq[0]!.qdisc.qlen]).toEqual([[], 2]);
  expect(new Set(dev.txq.map((txq) => txq.qdisc)).size).toBe(QUEUES);
  netifTxWakeQueue(dev.txq[0]!);
  host.runTurns();
  expect([sent, dev.txq[0]!.qdisc.qlen]).toEqual([[0, 0], 0]);
});

test('the watchdog names the queue, freezes all while the driver revives it, and counts it', () => {
  const seen: string[] = [];
  const { host, dev, log, send } = card({
    ndoTxTimeout: (d, queue) => void seen.push(`${queue}: ${d.txq.map((txq) => txq.state)}`),
  });
  netifTxStopQueue(dev.txq[2]!);
  host.advance(5000);
  expect(log).toEqual(['eth0: NETDEV WATCHDOG: CPU: 0: transmit queue 2 timed out 5000 ms']);
  expect([seen, dev.txq.map((txq) => txq.transTimeout)]).toEqual([['2: 4,4,5,4'], [0, 0, 1, 0]]);
  expect(dev.txq.map((txq) => txq.state)).toEqual([0, 0, 1, 0]);
  expect(send(flow(0))).toBe(NET_XMIT_SUCCESS);
});

test.each([
  ['NET_XMIT_DROP', NET_XMIT_DROP],
  ['NET_XMIT_CN', NET_XMIT_CN],
])('a driver that answers %s has consumed the frame: it is not put back', (_name, rc) => {
  const { dev, send } = card({
    ndoStartXmit: (skb) => {
      kfreeSkb(skb, SKB_DROP_REASON_NOT_SPECIFIED);
      return rc;
    },
  });
  send(flow(0));
  const queues = dev.txq.map(({ qdisc }) => qdisc.qlen + qdisc.requeues);
  expect([queues, dev.pool.inUse]).toEqual([[0, 0, 0, 0], 0]);
});

// biome-ignore format: one case a line
test.each([
  ['another port',          flow(0),                         flow(1),                               false],
  ['UDP and TCP',           flow(0),                         flow(0, true),                         false],
  ['another payload',       flow(0),                         flow(0, false, new Uint8Array(9).fill(5)), true],
  ['another port, tagged',  l4Frame({ payload: DATA, vlan: 5 }), l4Frame({ payload: DATA, vlan: 5, source: 9 }), false],
  ['IPv6, another payload', l4Frame({ payload: DATA, ipv6: true }), l4Frame({ payload: DATA.map(() => 3), ipv6: true }), true],
  ['IPv6, another port',    l4Frame({ payload: DATA, ipv6: true }), l4Frame({ payload: DATA, ipv6: true, dest: 9 }), false],
  ['IPv6, another host',    l4Frame({ payload: DATA, ipv6: true }), l4Frame({ payload: DATA, ipv6: true, host: 9 }), false],
  ['no IP, the same MACs',  ethernetFrame({ dst: mac(1), src: mac(2), type: 0x88b5 }), ethernetFrame({ dst: mac(1), src: mac(2), type: 0x88b5 }), true],
  ['no IP, another MAC',    ethernetFrame({ dst: mac(1), src: mac(2), type: 0x88b5 }), ethernetFrame({ dst: mac(3), src: mac(2), type: 0x88b5 }), false],
  ['no IP, another type',   ethernetFrame({ dst: mac(1), src: mac(2), type: 0x88b5 }), ethernetFrame({ dst: mac(1), src: mac(2), type: 0x88b6 }), false],
])('one flow or two: %s', (_name, a, b, same) => {
  expect(hash(a) === hash(b)).toBe(same);
});

test('later fragments have no ports, so neither has the first', () => {
  const fragments = [0x2000, 0x2005].map((fragOff, i) => {
    const frame = flow(i);
    frame[20] = fragOff >> 8;
    frame[21] = fragOff & 255;
    return frame;
  });
  expect(hash(fragments[0]!)).toBe(hash(fragments[1]!));
});

function hash(frame: Uint8Array): number {
  const skb = new SkbPool().alloc(frame.length)!;
  skb.buf.set(frame, skb.put(frame.length));
  return skbGetHash(skb);
}
