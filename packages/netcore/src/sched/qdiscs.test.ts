import { heapPerCall, SinkNic, superFrame, testSkb, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { devOpen } from '../dev-flags.ts';
import { devQueueXmit } from '../dev-queue-xmit.ts';
import { devSetTxQueueLen } from '../dev-settings.ts';
import { Net } from '../net.ts';
import { qdiscShow } from '../qdisc-show.ts';
import { netifStopQueue, netifWakeQueue } from '../tx-queue.ts';
import type { QdiscOptions } from './qdisc.ts';
import { tcDeleteQdisc, tcModifyQdisc } from './sch-api.ts';

function card(kind: string, options: QdiscOptions = {}) {
  const host = new VirtualHost();
  const log: string[] = [];
  const nic = new SinkNic(new Net(host, { printk: (text) => log.push(text) }));
  const { dev } = nic;
  devOpen(dev);
  const tc = (request: { kind: string; parent?: string; handle?: string; options?: QdiscOptions }) =>
    tcModifyQdisc(dev, { mode: 'replace', ...request });
  tc({ kind, handle: '1:', options });
  const send = (len = 1000, priority = 0) => {
    const skb = testSkb(dev, len);
    skb.priority = priority;
    return devQueueXmit(skb);
  };
  /** So many frames a second for so long, in steps of a millisecond. */
  const flood = (perMs: number, ms: number, len: number) => {
    for (let i = 0; i < ms; i++) {
      for (let k = 0; k < perMs; k++) send(len);
      host.advance(1);
    }
  };
  return { host, log, nic, dev, tc, send, flood, show: () => qdiscShow(dev) };
}

/** Sent = out + drops + inside, by the counters of the root. */
function balance(sent: number, { nic, show }: ReturnType<typeof card>): number {
  const [root] = show();
  return sent - nic.at.length - root!.drops - root!.qlen;
}

const slow = { rate: { rate: 1 } }; // a byte a second: frames stay

describe('pfifo and bfifo', () => {
  test('pfifo holds so many frames, bfifo so many bytes; the newest is dropped', () => {
    for (const [kind, limit, kept] of [
      ['pfifo', 3, 3],
      ['bfifo', 2500, 2],
    ] as const) {
      const all = card('tbf', { rate: 1, burst: 2000, limit: 1e6 });
      all.tc({ kind, parent: '1:1', options: { limit } });
      for (let i = 0; i < 8; i++) all.send(1000);
      // The bucket lets two through.
      expect([all.nic.at.length, all.show()[1]]).toMatchObject([2, { qlen: kept, drops: 6 - kept }]);
      expect(balance(8, all)).toBe(0);
    }
  });

  test('a shorter limit keeps what is inside and takes nothing new', () => {
    const all = card('tbf', { rate: 1, burst: 1000, limit: 1e6 });
    all.tc({ kind: 'pfifo', parent: '1:1', handle: '2:', options: { limit: 10 } });
    for (let i = 0; i < 6; i++) all.send();
    all.tc({ kind: 'pfifo', parent: '1:1', handle: '2:', options: { limit: 2 } });
    all.send();
    expect(all.show()[1]).toMatchObject({ qlen: 5, drops: 1 });
  });

  test('an empty one that takes a full frame is bypassed', () => {
    const { nic, send } = card('pfifo');
    send();
    expect(nic.at).toEqual([0]);
  });
});

describe('tbf', () => {
  test('ten seconds at ten times the rate: what leaves is the rate within 2 %, and the burst', () => {
    const all = card('tbf', { rate: 125_000, burst: 10_000, lat: 50_000 });
    all.flood(1, 10_000, 1250);
    const bytes = all.nic.bytes;
    expect(Math.abs((bytes - 10_000) / 1_250_000 - 1)).toBeLessThan(0.02);
    expect(balance(10_000, all)).toBe(0);
    expect(all.show()[0]!.overlimits).toBeGreaterThan(900);
  });

  test('no hundred milliseconds carry more than the rate and the burst', () => {
    const all = card('tbf', { rate: 125_000, burst: 5000, lat: 50_000 });
    all.flood(1, 2000, 1250);
    for (let from = 0; from < 1900; from += 25) {
      const seen = all.nic.at.filter((at) => at >= from && at < from + 100).length * 1250;
      expect(seen).toBeLessThanOrEqual(125_00 + 5000);
    }
  });

  test('a burst leaves at once and the next frame when its tokens are there', () => {
    const { nic, send, host } = card('tbf', { rate: 100_000, burst: 3000, limit: 100_000 });
    for (let i = 0; i < 5; i++) send(1000);
    host.advance(100);
    expect(nic.at.map((at) => Math.round(at * 1000) / 1000)).toEqual([0, 0, 0, 10, 20]);
  });

  test('a peak rate spreads the burst', () => {
    const { nic, send, host } = card('tbf', {
      rate: 100_000,
      burst: 3000,
      limit: 1e5,
      peakrate: 200_000,
      minburst: 1000,
    });
    for (let i = 0; i < 5; i++) send(1000);
    host.advance(100);
    expect(nic.at.map((at) => Math.round(at * 1000) / 1000)).toEqual([0, 5, 10, 15, 20]);
  });

  test('an overhead and a least size count for every frame', () => {
    const { nic, send, host } = card('tbf', { rate: 1000, burst: 1500, limit: 1e5, mpu: 500, overhead: 100 });
    send(1500);
    send(60);
    send(900);
    host.advance(3000);
    expect(nic.at.map(Math.round)).toEqual([0, 500, 1500]);
  });

  test('a latency is the limit it stands for', () => {
    const all = card('tbf', { rate: 100_000, burst: 2000, lat: 100_000 });
    for (let i = 0; i < 30; i++) all.send(1000);
    expect(all.show()[0]).toMatchObject({ qlen: 12, drops: 16, options: { lat: 100_000 } });
    all.host.advance(1000);
    expect(Math.max(...all.nic.at)).toBeCloseTo(120, 3);
  });

  test('a frame larger than the bucket is dropped, a super-frame passes as its segments', () => {
    const all = card('tbf', { rate: 1_000_000, burst: 1600, limit: 1e6 });
    all.send(1601);
    expect(all.show()[0]!.drops).toBe(1);
    all.dev.features = 0;
    devQueueXmit(superFrame(all.dev, 3000, 1000));
    all.host.advance(100);
    expect(all.nic.lengths).toEqual([1054, 1054, 1054]);
    expect(all.show()[0]).toMatchObject({ qlen: 0, backlog: 0, packets: 3 });
  });

  test('segments of a super-frame count once each in the parents too', () => {
    const all = card('prio');
    all.tc({ kind: 'tbf', parent: '1:2', options: { rate: 1, burst: 1600, limit: 1e6 } });
    devQueueXmit(superFrame(all.dev, 3000, 1000));
    expect(all.show()[0]).toMatchObject({ qlen: 2, backlog: 2 * 1054, packets: 1 });
  });

  test('segments that push others out of a child count once each in all parents', () => {
    const all = card('prio');
    all.tc({ kind: 'tbf', parent: '1:2', handle: '2:', options: { rate: 1, burst: 1600, limit: 1e6 } });
    all.tc({ kind: 'fq_codel', parent: '2:1', options: { limit: 3, drop_batch: 1 } });
    for (let i = 0; i < 4; i++) all.send(1500);
    devQueueXmit(superFrame(all.dev, 3000, 1000));
    const [prio, tbf, fq] = all.show();
    expect([prio!.qlen, tbf!.qlen, fq!.qlen]).toEqual([3, 3, 3]);
    expect([prio!.backlog, tbf!.backlog]).toEqual([fq!.backlog, fq!.backlog]);
    expect(all.dev.pool.inUse).toBe(3);
  });

  test('a change gives it its own queue again when its child has been deleted', () => {
    const options = { rate: 1e6, burst: 2000, limit: 1e6 };
    const all = card('tbf', options);
    all.tc({ kind: 'pfifo', parent: '1:1', handle: '2:' });
    tcDeleteQdisc(all.dev, { parent: '1:1' });
    all.send();
    expect([all.nic.at.length, all.show()[0]!.drops]).toEqual([0, 1]);
    all.tc({ kind: 'tbf', options });
    all.send();
    expect([all.nic.at.length, all.show().map(({ kind }) => kind)]).toEqual([1, ['tbf']]);
  });

  test('a change holds for what waits at once, and what is larger than the new bucket leaves when that is full', () => {
    const all = card('tbf', { rate: 1000, burst: 2000, limit: 1e6 });
    for (let i = 0; i < 4; i++) all.send(1500);
    all.tc({ kind: 'tbf', options: { rate: 100_000, burst: 1000, limit: 1e6 } });
    all.host.advance(1000);
    expect(all.nic.at.map(Math.round)).toEqual([0, 0, 10, 20]);
    expect(all.show()[0]).toMatchObject({ qlen: 0, backlog: 0, drops: 0 });
  });

  test('a bucket that no full frame fits is told in the log, in the words of the kernel', () => {
    const all = card('tbf', { rate: 1e6, burst: 1513, limit: 1e6 });
    expect(all.log).toEqual(['sch_tbf: burst 1513 is lower than device eth0 mtu (1514) !']);
  });
});

describe('prio', () => {
  test('the first band that has a frame sends; the map decides the band', () => {
    const { nic, send, tc, host } = card('tbf', { rate: 100_000, burst: 1500, limit: 1e6 });
    tc({ kind: 'prio', parent: '1:1', handle: '2:' });
    send(1500);
    for (const [len, priority] of [
      [100, 2],
      [101, 0],
      [102, 6],
      [103, 2],
      [104, 7],
    ] as const) {
      send(len, priority);
    }
    host.advance(1000);
    expect(nic.lengths).toEqual([1500, 102, 104, 101, 100, 103]);
  });

  test('a priority may name a class of it', () => {
    const { nic, send, tc, show } = card('prio');
    tc({ kind: 'netem', parent: '1:1', options: slow });
    send(60, 0x10001);
    send(60, 0x10003);
    expect([nic.lengths, show()[1]!.qlen]).toEqual([[60], 1]);
  });

  test('a netem in one band delays that band alone', () => {
    const { nic, send, tc, host } = card('prio');
    tc({ kind: 'netem', parent: '1:3', options: { delay: { delay: 0.05 } } });
    send(100, 2);
    send(101, 0);
    host.advance(100);
    expect([nic.lengths, nic.at]).toEqual([
      [101, 100],
      [0, 50],
    ]);
  });

  test('fewer bands: frames of those that go are drops, the others stay', () => {
    const { send, tc, show, dev } = card('prio', { bands: 4, priomap: [3, 1] });
    tc({ kind: 'netem', parent: '1:4', options: slow });
    tc({ kind: 'netem', parent: '1:2', options: slow });
    for (const priority of [0, 0, 1]) send(1000, priority);
    tcModifyQdisc(dev, { mode: 'change', kind: 'prio', options: { bands: 3 } });
    expect(show()[0]).toMatchObject({ qlen: 1, drops: 2, backlog: 1000 });
  });
});

test('a qdisc that has sent 64 frames lets others have their turn', () => {
  const host = new VirtualHost();
  const net = new Net(host);
  const order: string[] = [];
  const devs = [0, 1].map(() => {
    const { dev } = new SinkNic(net);
    const { ndoStartXmit } = dev.netdevOps;
    dev.netdevOps = {
      ndoStartXmit: (skb, d) => {
        order.push(d.name);
        return ndoStartXmit(skb, d);
      },
    };
    devOpen(dev);
    netifStopQueue(dev);
    for (let i = 0; i < 100; i++) devQueueXmit(testSkb(dev));
    return dev;
  });
  for (const dev of devs) netifWakeQueue(dev);
  host.runTurns();
  const turns = order
    .join(' ')
    .match(/(eth\d)( \1)*/g)!
    .map((turn) => turn.split(' ').length);
  expect(turns).toEqual([64, 64, 36, 36]);
});

describe('txqueuelen', () => {
  test('pfifo_fast cannot begin with a length of 0; those with a limit of their own do not mind', () => {
    const { dev, tc, send, show } = card('pfifo');
    devSetTxQueueLen(dev, 0);
    const made = () => tc({ kind: 'pfifo_fast' });
    expect(made).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(show()[0]!.kind).toBe('pfifo');
    devSetTxQueueLen(dev, 1);
    made();
    const other = card('netem', { ...slow, limit: 10 });
    for (let i = 0; i < 5; i++) other.send();
    devSetTxQueueLen(other.dev, 2);
    expect([other.dev.txQueueLen, other.show()[0]!.qlen]).toEqual([2, 5]);
    send();
    expect(show()[0]!.packets).toBe(1);
  });
});

describe('no allocation per frame', () => {
  test.each([
    ['pfifo', {}],
    ['bfifo', {}],
    ['prio', {}],
    ['tbf', { rate: 1e9, burst: 1e6, limit: 1e6 }],
    ['fq_codel', { flows: 16 }],
    ['netem', { 'loss-random': { loss: 0.1 }, corrupt: { corrupt: 0.5 }, limit: 10 }],
    ['netem', { 'loss-gemodel': { p: 0.1, r: 0.5 } }],
  ])('%s %j', { retry: 3 }, (kind, options) => {
    // Why again: until the engine has compiled it, a fraction that a call returns is an object.
    const { nic, send } = card(kind, options);
    nic.listening = false;
    expect(heapPerCall(() => send(60))).toBeLessThan(1);
  });
});
