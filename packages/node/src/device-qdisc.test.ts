import { dummyLinkOps } from '@etherloom/drivers';
import {
  devOpen,
  devQueueXmit,
  Net,
  type NetDevice,
  netifCarrierOff,
  netifCarrierOn,
  rtnlNewLink,
} from '@etherloom/netcore';
import type { QdiscConfig } from '@etherloom/schema';
import { VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { deleteQdisc, KeptQdiscs, setQdisc } from './device-qdisc.ts';
import { showQdisc } from './device-show.ts';

function device() {
  const host = new VirtualHost(1);
  const net = new Net(host);
  const dev = rtnlNewLink(net, dummyLinkOps, { name: 'd0', txQueueLen: 1000 });
  devOpen(dev);
  const kept = new KeptQdiscs(dev);
  const shown = () =>
    showQdisc(dev).map(({ kind, handle, parent }) => [kind, handle, parent ?? 'root'].join(' '));
  return { host, dev, kept, shown };
}

const NETEM: QdiscConfig = { kind: 'netem', options: { delay: { delay: 1 }, seed: 1 } };
const TREE: QdiscConfig[] = [
  { kind: 'prio', handle: '1:', options: { bands: 3 } },
  { kind: 'pfifo', handle: '10:', parent: '1:1', options: { limit: 5 } },
];

function send(dev: NetDevice): void {
  const skb = dev.pool.alloc(60)!;
  skb.put(60);
  skb.dev = dev;
  devQueueXmit(skb);
}

test('what a lab asks for is made once: asked again it is the same qdisc, frames included', () => {
  const { dev, kept, shown } = device();
  kept.apply([NETEM]);
  send(dev);
  const before = shown();
  kept.apply([{ ...NETEM }]);
  expect(shown()).toEqual(before);
  expect(showQdisc(dev)).toMatchObject([{ kind: 'netem', qlen: 1 }]);
});

test('other options of the one qdisc keep the frames it holds', () => {
  const { dev, kept } = device();
  kept.apply([NETEM]);
  send(dev);
  kept.apply([{ ...NETEM, options: { ...NETEM.options, limit: 7 } }]);
  expect(showQdisc(dev)).toMatchObject([{ kind: 'netem', qlen: 1, options: { limit: 7 } }]);
});

test('options that are taken out of the lab are defaults again', () => {
  const { dev, kept } = device();
  kept.apply([NETEM]);
  kept.apply([{ kind: 'netem', options: {} }]);
  expect(showQdisc(dev)[0]!.options).not.toHaveProperty('delay');
});

test('a tree is made parents first, becomes another, and goes', () => {
  const { kept, shown } = device();
  const none = shown();
  kept.apply(TREE);
  expect(shown()).toEqual(['prio 1: root', 'pfifo 10: 1:1']);
  kept.apply([TREE[0]!, { ...TREE[1]!, parent: '1:2' }]);
  expect(shown()).toEqual(['prio 1: root', 'pfifo 10: 1:2']);
  kept.apply([]);
  expect(shown()).toEqual(none);
});

test('what a request by REST did is taken for done once the lab says so', () => {
  const { dev, kept, shown } = device();
  setQdisc(dev, { ...NETEM, mode: 'replace' });
  send(dev);
  const { handle, options } = showQdisc(dev)[0]!;
  kept.apply([{ kind: 'netem', handle, options }]);
  expect(showQdisc(dev)).toMatchObject([{ kind: 'netem', qlen: 1 }]);
  expect(shown()).toEqual([`netem ${handle} root`]);
});

test('what could not be kept is put back: the lab as it was says what there was', () => {
  const { dev, kept, shown } = device();
  kept.apply(TREE);
  const before = shown();
  setQdisc(dev, { kind: 'pfifo', parent: '1:3', options: { limit: 9 }, mode: 'add' });
  deleteQdisc(dev, { parent: '1:1' });
  kept.apply(TREE);
  expect(shown()).toEqual(before);
});

test('a list that is refused half-way leaves the qdiscs as they were', () => {
  const { kept, shown } = device();
  kept.apply(TREE);
  const before = shown();
  const wrong = [
    { kind: 'prio', options: {} },
    { kind: 'warp', parent: '8001:1', options: {} },
  ];
  expect(() => kept.apply(wrong)).toThrow(/Specified qdisc kind is unknown|Failed to find specified qdisc/);
  expect(shown()).toEqual(before);
  kept.apply(TREE);
  expect(shown()).toEqual(before);
});

test('what is asked for while there is no carrier is there when it comes', () => {
  const { dev, kept, shown } = device();
  netifCarrierOff(dev);
  kept.apply(TREE);
  netifCarrierOn(dev);
  expect(shown()).toEqual(['prio 1: root', 'pfifo 10: 1:1']);
});
