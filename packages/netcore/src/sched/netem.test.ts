import { l4Frame, SinkNic, superFrame, testSkb, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { devOpen } from '../dev-flags.ts';
import { devQueueXmit } from '../dev-queue-xmit.ts';
import { Net } from '../net.ts';
import { qdiscShow } from '../qdisc-show.ts';
import { validateXmitSkb } from '../validate-xmit.ts';
import type { QdiscOptions } from './qdisc.ts';
import { tcModifyQdisc } from './sch-api.ts';

function card(options: QdiscOptions = {}) {
  const host = new VirtualHost();
  const nic = new SinkNic(new Net(host), { keep: true });
  const { dev } = nic;
  devOpen(dev);
  const replace = (request: { kind: string; parent?: string; handle?: string; options?: QdiscOptions }) =>
    tcModifyQdisc(dev, { mode: 'replace', ...request });
  const change = (next: QdiscOptions) => replace({ kind: 'netem', options: next });
  replace({ kind: 'netem', handle: '1:', options: { seed: 1, limit: 1e5, ...options } });
  const send = (len = 100) => devQueueXmit(testSkb(dev, len));
  const sendBytes = (bytes: Uint8Array) => {
    const skb = testSkb(dev, bytes.length);
    skb.buf.set(bytes, skb.data);
    return devQueueXmit(skb);
  };
  return { host, nic, dev, replace, change, send, sendBytes, root: () => qdiscShow(dev)[0]! };
}

describe('netem', () => {
  test('a delay is kept to the clock, and costs no throughput: a frame a millisecond in, one out', () => {
    const { host, nic, send, root } = card({ delay: { delay: 0.05 } });
    for (let i = 0; i < 1000; i++) {
      send();
      host.advance(1);
    }
    expect([nic.at.length, root().qlen]).toEqual([950 + 1, 49]);
    expect(nic.at.every((at, i) => Math.abs(at - i - 50) < 1e-6)).toBe(true);
  });

  test('a rate is kept within 2 % over ten seconds', () => {
    const { host, nic, send } = card({ rate: { rate: 125_000 }, limit: 1000 });
    for (let i = 0; i < 10_000; i++) {
      send(1250);
      host.advance(1);
    }
    expect(Math.abs(nic.bytes / 1_250_000 - 1)).toBeLessThan(0.02);
  });

  test('one timer serves the whole queue', () => {
    const { host, send } = card({ delay: { delay: 1 } });
    for (let i = 0; i < 100; i++) send();
    expect(host.pendingTimers).toBe(1);
  });

  test('jitter longer than the gap between frames reorders them, and no frame is lost by it', () => {
    const { host, nic, send, dev } = card({ delay: { delay: 0.01, jitter: 0.009 } });
    for (let len = 60; len < 160; len++) send(len);
    host.advance(20);
    expect([nic.lengths.length, new Set(nic.lengths).size, dev.pool.inUse]).toEqual([100, 100, 0]);
    expect(nic.lengths).not.toEqual(nic.lengths.slice().sort((a, b) => a - b));
  });

  test('what is lost is a drop with its counter, and the sender sees success', () => {
    const { send, root, dev } = card({ 'loss-random': { loss: 1 } });
    expect(send()).toBe(0);
    expect([root().drops, root().qlen, dev.pool.inUse]).toEqual([1, 0, 0]);
  });

  test('the limit counts all that is held, those included that jumped the queue', () => {
    const { send, root } = card({ delay: { delay: 1 }, limit: 10 });
    for (let i = 0; i < 15; i++) send();
    expect(root()).toMatchObject({ qlen: 10, drops: 5, backlog: 1000 });
  });

  test('the limit is looked at once for a frame and its copy, and with none left there is no copy either', () => {
    const { send, root, dev } = card({ delay: { delay: 1 }, duplicate: { duplicate: 1 }, limit: 3 });
    for (let i = 0; i < 4; i++) send();
    expect([root().qlen, root().drops, dev.pool.inUse]).toEqual([4, 2, 4]);
  });

  test('a frame that jumps the queue takes no time of the wire', () => {
    const { nic, send, host } = card({
      delay: { delay: 0.01 },
      rate: { rate: 100_000 },
      reorder: { reorder: 1 },
      gap: 3,
    });
    for (let len = 1000; len < 1004; len++) send(len);
    host.advance(100);
    expect(nic.lengths).toEqual([1002, 1000, 1001, 1003]);
    expect(nic.at.map((at) => Math.round(at))).toEqual([0, 20, 30, 40]);
  });

  test('a duplicate is one extra copy, the same in every byte', () => {
    const { nic, sendBytes, root, dev } = card({ duplicate: { duplicate: 1 } });
    const frame = l4Frame({ payload: Uint8Array.from({ length: 50 }, (_, i) => i) });
    sendBytes(frame);
    expect(nic.frames).toEqual([frame, frame]);
    expect([root().packets, dev.pool.inUse]).toEqual([2, 0]);
  });

  test('a duplicate comes in at the root, where all parents count it', () => {
    const { nic, send, replace, dev, host } = card();
    replace({ kind: 'prio', handle: '2:' });
    replace({
      kind: 'netem',
      parent: '2:2',
      options: { duplicate: { duplicate: 1 }, delay: { delay: 0.01 } },
    });
    send();
    expect(qdiscShow(dev)).toMatchObject([{ qlen: 2, backlog: 200 }, { qlen: 2 }]);
    host.advance(20);
    expect([nic.at.length, qdiscShow(dev)[0]!.qlen]).toEqual([2, 0]);
  });

  test('a wrong bit is one bit, and the copy of the frame is whole', () => {
    const { nic, sendBytes } = card({ corrupt: { corrupt: 1 }, duplicate: { duplicate: 1 } });
    const frame = l4Frame({ payload: new Uint8Array(500) });
    for (let i = 0; i < 50; i++) sendBytes(frame);
    expect(nic.frames).toHaveLength(100);
    for (const seen of nic.frames) expect(bitsApart(seen, frame)).toBe(1);
    const alone = card({ corrupt: { corrupt: 0.3 }, duplicate: { duplicate: 1 } });
    for (let i = 0; i < 50; i++) alone.sendBytes(frame);
    const apart = alone.nic.frames.map((seen) => bitsApart(seen, frame));
    expect(new Set(apart)).toEqual(new Set([0, 1]));
  });

  test('a checksum that was left out is made before a bit is turned, so that the receiver can tell', () => {
    const { nic, dev } = card({ corrupt: { corrupt: 1 } });
    const frame = l4Frame({ payload: new Uint8Array(100) });
    const skb = testSkb(dev, frame.length);
    skb.buf.set(frame, skb.data);
    skb.ipSummed = 3;
    skb.csumStart = skb.data + 34;
    skb.csumOffset = 16;
    const whole = skb.copy()!;
    expect(validateXmitSkb(whole, dev)).toBe(whole);
    devQueueXmit(skb);
    expect(bitsApart(nic.frames[0]!, whole.buf.slice(whole.data, whole.tail))).toBe(1);
  });

  test('with ecn a frame that can be marked is marked instead of lost, its checksum right', () => {
    const { nic, sendBytes, root } = card({ 'loss-random': { loss: 1 }, ecn: true });
    sendBytes(l4Frame({ payload: new Uint8Array(10), tos: 2 }));
    sendBytes(l4Frame({ payload: new Uint8Array(10), tos: 0 }));
    expect(nic.frames).toEqual([l4Frame({ payload: new Uint8Array(10), tos: 3 })]);
    expect(root().drops).toBe(1);
  });

  test('reordered frames go before all that wait', () => {
    const { nic, send, host, root } = card({ delay: { delay: 0.01 }, reorder: { reorder: 1 }, gap: 3 });
    for (let len = 60; len < 66; len++) send(len);
    expect([nic.lengths, root().requeues]).toEqual([[62, 65], 2]);
    host.advance(20);
    expect(nic.lengths).toEqual([62, 65, 60, 61, 63, 64]);
  });

  test('a change loses nothing that waits, and holds for the next frame', () => {
    const { nic, send, host, change } = card({ delay: { delay: 0.1 } });
    for (let len = 60; len < 65; len++) send(len);
    change({ delay: { delay: 0.01 } });
    send(99);
    host.advance(200);
    expect(nic.lengths).toEqual([99, 60, 61, 62, 63, 64]);
    expect(nic.at[1]).toBeCloseTo(100, 6);
  });

  test('a change under the same seed, or none, goes on in its sequence; another seed begins anew', () => {
    const lost = (steps: (QdiscOptions | null)[]) => {
      const { send, change, root } = card({ 'loss-random': { loss: 0.5 }, seed: 9 });
      return steps.map((next) => {
        if (next !== null) change({ 'loss-random': { loss: 0.5 }, ...next });
        const before = root().drops;
        send();
        return root().drops - before;
      });
    };
    const plain = lost(Array<null>(64).fill(null));
    expect(lost(Array.from({ length: 64 }, () => ({ seed: 9 })))).toEqual(plain);
    expect(lost(Array.from({ length: 64 }, () => ({})))).toEqual(plain);
    expect(lost(Array.from({ length: 64 }, (_, i) => (i === 0 ? { seed: 10 } : null)))).not.toEqual(plain);
  });

  test('without a seed each draws one of its own, and shows it: with that it is had again', () => {
    const host = new VirtualHost();
    const lost = (options: QdiscOptions) => {
      const { dev } = new SinkNic(new Net(host));
      devOpen(dev);
      tcModifyQdisc(dev, {
        mode: 'add',
        kind: 'netem',
        options: { 'loss-random': { loss: 0.5 }, ...options },
      });
      const drops = Array.from({ length: 64 }, () => {
        devQueueXmit(testSkb(dev));
        return dev.qdisc.drops;
      });
      return { drops, seed: Number(qdiscShow(dev)[0]!.options['seed']) };
    };
    const [one, two] = [lost({}), lost({})];
    expect(one.seed).not.toBe(two.seed);
    expect(one.drops).not.toEqual(two.drops);
    expect(lost({ seed: one.seed })).toEqual(one);
  });

  test('the same seed, frames and times make the same trace', () => {
    const trace = () => {
      const { nic, send, host } = card({
        seed: 77,
        delay: { delay: 0.01, jitter: 0.005, correlation: 0.25 },
        distribution: 'normal',
        'loss-gemodel': { p: 0.1, r: 0.4 },
        duplicate: { duplicate: 0.05 },
        corrupt: { corrupt: 0.1 },
        reorder: { reorder: 0.1 },
      });
      for (let i = 0; i < 500; i++) {
        send(60 + (i % 100));
        host.advance(0.7);
      }
      return [nic.at, nic.lengths, nic.frames.map((f) => f.join())];
    };
    expect(trace()).toEqual(trace());
  });

  test('a child gets what is due, and its own rules hold', () => {
    const { nic, send, host, replace, dev } = card({ delay: { delay: 0.01 } });
    replace({ kind: 'tbf', parent: '1:1', options: { rate: 100_000, burst: 1000, limit: 1e5 } });
    for (let i = 0; i < 3; i++) send(1000);
    host.advance(5);
    expect(qdiscShow(dev)).toMatchObject([{ qlen: 3 }, { qlen: 0 }]);
    host.advance(100);
    expect(nic.at.map((at) => Math.round(at))).toEqual([10, 20, 30]);
    expect(qdiscShow(dev)).toMatchObject([
      { qlen: 0, backlog: 0, packets: 3 },
      { qlen: 0, packets: 3 },
    ]);
  });

  test('a child gets every frame, of a netem that delays none too', () => {
    const { nic, send, host, replace, dev } = card({ 'loss-random': { loss: 0.001 } });
    send(99); // before there is a child
    replace({ kind: 'tbf', parent: '1:1', options: { rate: 100_000, burst: 1000, limit: 1e5 } });
    for (let i = 0; i < 3; i++) send(1000);
    host.advance(100);
    expect(nic.at.map((at) => Math.round(at))).toEqual([0, 0, 10, 20]);
    expect(qdiscShow(dev)[1]).toMatchObject({ kind: 'tbf', packets: 3 });
  });

  test('of a super-frame one segment is spoiled, and parents count each segment and its bytes', () => {
    const { nic, host, replace, dev } = card();
    replace({ kind: 'prio', handle: '2:' });
    const options = { corrupt: { corrupt: 1 }, duplicate: { duplicate: 0 }, delay: { delay: 0.01 }, seed: 3 };
    replace({ kind: 'netem', parent: '2:2', options });
    devQueueXmit(superFrame(dev, 2500, 1000));
    const bytes = 2 * 1054 + 554;
    expect(qdiscShow(dev)).toMatchObject([
      { qlen: 3, backlog: bytes },
      { qlen: 3, backlog: bytes },
    ]);
    host.advance(20);
    expect([nic.lengths, dev.pool.inUse]).toEqual([[1054, 1054, 554], 0]);
    expect(qdiscShow(dev)[0]).toMatchObject({ qlen: 0, backlog: 0 });
  });

  test('what a child has no room for is netem’s drop too', () => {
    const { send, host, replace, dev } = card({ delay: { delay: 0.01 } });
    replace({ kind: 'tbf', parent: '1:1', options: { rate: 1, burst: 1000, limit: 2000 } });
    for (let i = 0; i < 10; i++) send(1000);
    host.advance(100);
    const [netem, tbf] = qdiscShow(dev);
    expect([netem!.qlen + netem!.drops + netem!.packets, tbf!.drops, netem!.drops]).toEqual([10, 8, 8]);
    expect(dev.pool.inUse).toBe(netem!.qlen);
  });
});

function bitsApart(a: Uint8Array, b: Uint8Array): number {
  let bits = 0;
  for (let i = 0; i < a.length; i++) for (let x = a[i]! ^ b[i]!; x !== 0; x &= x - 1) bits++;
  return bits + Math.abs(a.length - b.length) * 8;
}
