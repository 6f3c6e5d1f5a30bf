import { getU32, putU32 } from '@etherloom/frame';
import { l4Frame, SinkNic, testSkb, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { devOpen } from '../dev-flags.ts';
import { devQueueXmit } from '../dev-queue-xmit.ts';
import { Net } from '../net.ts';
import type { NetDevice } from '../net-device.ts';
import { qdiscShow } from '../qdisc-show.ts';
import { consumeSkb } from '../skb-pool.ts';
import { NET_XMIT_CN, NET_XMIT_SUCCESS } from '../xmit.ts';
import type { QdiscOptions } from './qdisc.ts';
import { tcModifyQdisc } from './sch-api.ts';

/** A frame of a flow, by its UDP port, that carries when it was sent; 1000 bytes. */
function frameOf(dev: NetDevice, flow: number, tos = 0) {
  const frame = l4Frame({ payload: new Uint8Array(958), udp: true, source: 1000 + flow, tos });
  const skb = testSkb(dev, frame.length);
  skb.buf.set(frame, skb.data);
  putU32(skb.buf, skb.tail - 4, dev.net.host.now() * 1000);
  return skb;
}

const flowAt = (frame: Uint8Array) => frame[34]! * 256 + frame[35]! - 1000;

/** A megabyte a second behind a bucket of two frames, so that the queue is fq_codel's. */
function bottleneck(options: QdiscOptions = {}) {
  const host = new VirtualHost();
  const nic = new SinkNic(new Net(host), { keep: true });
  const { dev } = nic;
  devOpen(dev);
  const add = (request: { kind: string; parent?: string; handle?: string; options?: QdiscOptions }) =>
    tcModifyQdisc(dev, { mode: 'replace', ...request });
  add({ kind: 'tbf', handle: '1:', options: { rate: 1e6, burst: 2000, limit: 1e6 } });
  add({ kind: 'fq_codel', parent: '1:1', handle: '2:', options });
  const send = (flow: number, tos = 0) => devQueueXmit(frameOf(dev, flow, tos));
  /** How long each frame of a flow took, by when it came out. */
  const delays = (flow: number, from = 0) =>
    nic.frames.flatMap((frame, i) =>
      flowAt(frame) === flow && nic.at[i]! >= from
        ? [nic.at[i]! - getU32(frame, frame.length - 4) / 1000]
        : [],
    );
  return { host, nic, dev, add, send, delays, show: () => qdiscShow(dev) };
}

/** fq_codel as the root, asked by hand: no driver, no bucket. */
function bare(options: QdiscOptions = {}) {
  const host = new VirtualHost();
  const { dev } = new SinkNic(new Net(host));
  devOpen(dev);
  tcModifyQdisc(dev, { mode: 'add', kind: 'fq_codel', handle: '1:', options });
  const q = dev.qdisc;
  const take = () => {
    const skb = q.dequeue();
    if (skb === null) return null;
    const flow = skb.buf[skb.data + 34]! * 256 + skb.buf[skb.data + 35]! - 1000;
    consumeSkb(skb);
    return flow;
  };
  return {
    host,
    dev,
    q,
    take,
    put: (flow: number) => q.enqueue(frameOf(dev, flow)),
    shown: () => qdiscShow(dev)[0]!,
  };
}

describe('flows', () => {
  test('two that want everything get half each, however much more one of them sends', () => {
    const { host, nic, send } = bottleneck();
    for (let ms = 0; ms < 3000; ms++) {
      for (let k = 0; k < 5; k++) send(1);
      send(2);
      host.advance(1);
    }
    const [one, two] = [1, 2].map((flow) => nic.frames.filter((frame) => flowAt(frame) === flow).length);
    expect(one! + two!).toBeGreaterThan(2990);
    expect(Math.abs(one! / two! - 1)).toBeLessThan(0.02);
  });

  test('one that sends little never waits behind one that sends much', () => {
    const { host, send, delays } = bottleneck();
    for (let ms = 0; ms < 2000; ms++) {
      for (let k = 0; k < 3; k++) send(1);
      if (ms % 50 === 0) send(2);
      host.advance(1);
    }
    expect(delays(2)).toHaveLength(40);
    expect(Math.max(...delays(2))).toBeLessThan(4);
    expect(Math.max(...delays(1))).toBeGreaterThan(50);
  });

  test('turns are of a quantum of bytes', () => {
    const { put, take } = bare({ quantum: 2000 });
    for (let i = 0; i < 6; i++) for (const flow of [1, 2]) put(flow);
    expect(Array.from({ length: 12 }, take)).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2]);
  });

  test('a flow that begins goes before those that are old', () => {
    const { put, take, shown } = bare({ quantum: 1000 });
    for (let i = 0; i < 4; i++) put(1);
    take();
    take();
    put(2);
    expect([take(), take()]).toEqual([2, 1]);
    expect(shown()).toMatchObject({ new_flow_count: 2, new_flows_len: 0 });
  });

  test('a new flow that runs dry passes the old ones once: who sends little and often does not stay new', () => {
    const { put, take, shown } = bare({ quantum: 1500 });
    for (let i = 0; i < 6; i++) put(1);
    for (let i = 0; i < 2; i++) take();
    put(2);
    expect([take(), take()]).toEqual([2, 1]);
    put(2);
    expect(shown()).toMatchObject({ new_flow_count: 2, new_flows_len: 0, old_flows_len: 2 });
  });

  test('a priority may name a flow by its class', () => {
    const { dev, q, take, put } = bare({ quantum: 1000 });
    const putTo = (flow: number, minor: number) => {
      const skb = frameOf(dev, flow);
      skb.priority = 0x10000 + minor;
      q.enqueue(skb);
    };
    for (let i = 0; i < 2; i++) putTo(1, 7);
    putTo(2, 7);
    put(3);
    putTo(4, 1025); // there are 1024: its hash decides
    expect(Array.from({ length: 5 }, take)).toEqual([1, 3, 4, 1, 2]);
  });

  test('the secret of the hash is each qdisc’s own: nobody outside can aim at a flow', () => {
    const order = (seed: number) => {
      const host = new VirtualHost(seed);
      const { dev } = new SinkNic(new Net(host));
      devOpen(dev);
      tcModifyQdisc(dev, { mode: 'add', kind: 'fq_codel', options: { flows: 4 } });
      for (let flow = 0; flow < 8; flow++) dev.qdisc.enqueue(frameOf(dev, flow));
      return Array.from({ length: 8 }, () => {
        const skb = dev.qdisc.dequeue()!;
        return skb.buf[skb.data + 35];
      }).join();
    };
    expect(order(1)).toBe(order(1));
    expect(new Set([1, 2, 3, 4].map(order)).size).toBeGreaterThan(1);
  });
});

describe('CoDel', () => {
  test('drops follow the control law: intervals shrink with the root of their number', () => {
    const { host, put, take, shown } = bare();
    for (let i = 0; i < 4000; i++) put(1);
    const drops: number[] = [];
    for (let ms = 0; ms < 1500; ms++) {
      const before = shown().drops;
      take();
      if (shown().drops > before) drops.push(ms);
      host.advance(1);
    }
    // Above the target since 5 ms; for an interval since 105.
    let next = drops[0]!;
    expect(next).toBe(106);
    for (const [i, seen] of drops.slice(1, 20).entries()) {
      next += 100 / Math.sqrt(i + 1);
      expect(seen).toBe(Math.ceil(next - 1e-9));
    }
  });

  test.each([
    [500, true],
    [5000, false],
  ])('after %i quiet milliseconds it goes on where it was: %s', (quiet, remembers) => {
    const { host, put, take, shown } = bare();
    /** When frames were dropped, while one leaves each millisecond. */
    const dropsOf = (ms: number) => {
      for (let i = 0; i < 1000; i++) put(1);
      const drops: number[] = [];
      for (let at = 0; at < ms; at++) {
        const before = shown().drops;
        take();
        if (shown().drops > before) drops.push(at);
        host.advance(1);
      }
      while (take() !== null);
      return drops;
    };
    dropsOf(900);
    host.advance(quiet);
    const [first, second] = dropsOf(400);
    expect(second! - first! < 60).toBe(remembers);
  });

  test('a queue below its target is left alone', () => {
    const { host, send, show } = bottleneck();
    for (let ms = 0; ms < 2000; ms++) {
      if (ms % 2 === 0) send(1);
      host.advance(1);
    }
    expect(show()[1]).toMatchObject({ drops: 0, ecn_mark: 0 });
  });

  test('a flow of one frame is dropped from too, when it waits long and there is more in the others', () => {
    const { host, put, take, shown } = bare();
    for (let flow = 1; flow <= 20; flow++) put(flow);
    host.advance(10);
    expect(take()).toBe(1);
    put(1);
    host.advance(150);
    expect([take(), shown().drops]).toEqual([2, 1]);
  });

  test('a standing queue is brought down to the target again and again, though its sender never slows', () => {
    const { host, send, delays } = bottleneck();
    for (let i = 0; i < 60; i++) send(1); // 60 ms stand
    for (let ms = 0; ms < 20_000; ms++) {
      send(1);
      if (ms % 10 === 0) send(1);
      host.advance(1);
    }
    const late = delays(1, 15_000);
    expect(Math.min(...late)).toBeLessThan(5.5);
    expect(late.reduce((sum, d) => sum + d, 0) / late.length).toBeLessThan(30);
    const early = delays(1).slice(0, 200);
    expect(Math.max(...early)).toBeGreaterThan(50);
  });

  test('what can be marked is marked, and nothing of it is dropped', () => {
    const { host, nic, send, show } = bottleneck();
    for (let ms = 0; ms < 1000; ms++) {
      send(1, 2);
      send(1, 2);
      host.advance(1);
    }
    const marked = nic.frames.filter((frame) => (frame[15]! & 3) === 3).length;
    const waiting = show()[1]!;
    expect(waiting.drops).toBe(0);
    expect([marked > 10, waiting['ecn_mark']]).toEqual([true, marked]);
  });

  test('without ecn it is dropped', () => {
    const { host, send, show } = bottleneck({ ecn: false });
    for (let ms = 0; ms < 1000; ms++) {
      send(1, 2);
      send(1, 2);
      host.advance(1);
    }
    expect(show()[1]).toMatchObject({ ecn_mark: 0 });
    expect(show()[1]!.drops).toBeGreaterThan(10);
  });

  test('above ce_threshold all are marked, long before any is dropped', () => {
    const { host, nic, send, show } = bottleneck({ ce_threshold: 1000, target: 500_000 });
    for (let i = 0; i < 20; i++) send(1, 1);
    host.advance(100);
    const marked = nic.frames.filter((frame) => (frame[15]! & 3) === 3).length;
    expect([marked, show()[1]!['ce_mark'], show()[1]!.drops]).toEqual([16, 16, 0]);
  });
});

describe('limits', () => {
  test('over the limit the flow that holds most pays, half of what it has or a batch', () => {
    const { put, shown } = bare({ limit: 100 });
    put(2);
    for (let i = 0; i < 99; i++) expect(put(1)).toBe(NET_XMIT_SUCCESS);
    expect(put(1)).toBe(NET_XMIT_CN);
    expect(shown()).toMatchObject({ qlen: 51, drops: 50, drop_overlimit: 50, backlog: 51_000 });
    for (let i = 0; i < 49; i++) put(3);
    expect(put(2)).toBe(NET_XMIT_SUCCESS);
    expect(shown()).toMatchObject({ drops: 75 });
  });

  test('a batch of one drops one at a time', () => {
    const { put, shown } = bare({ limit: 10, drop_batch: 1 });
    for (let i = 0; i < 15; i++) put(1);
    expect(shown()).toMatchObject({ qlen: 10, drops: 5 });
  });

  test('memory is limited too', () => {
    const { put, shown } = bare({ memory_limit: 100_000 });
    for (let i = 0; i < 60; i++) put(1);
    expect(shown()['memory_used']).toBeLessThanOrEqual(100_000);
    expect(shown()['drop_overmemory']).toBe(shown().drops);
    expect(shown().drops).toBeGreaterThan(20);
  });

  test('a lower limit is kept at once, no more goes than has to, and what goes is counted', () => {
    const { dev, put, shown } = bare();
    for (let i = 0; i < 50; i++) put(i % 5);
    tcModifyQdisc(dev, { mode: 'change', kind: 'fq_codel', options: { limit: 21 } });
    expect(shown()).toMatchObject({ qlen: 21, drops: 29, backlog: 21_000 });
  });

  test('accounts of all above are right: sent = out + dropped + inside, and every skb comes home', () => {
    const { host, nic, dev, send, show, add } = bottleneck({ limit: 50, drop_batch: 8 });
    let sent = 0;
    for (let ms = 0; ms < 500; ms++, sent += 6) {
      for (let flow = 0; flow < 6; flow++) send(flow);
      host.advance(1);
    }
    const [tbf, fq] = show();
    expect(tbf!.qlen).toBe(fq!.qlen);
    expect(tbf!.backlog).toBe(fq!.backlog);
    expect(nic.at.length + tbf!.drops + tbf!.qlen).toBe(sent);
    expect(dev.pool.inUse).toBe(fq!.qlen);
    add({ kind: 'pfifo' });
    expect(dev.pool.inUse).toBe(0);
  });
});
