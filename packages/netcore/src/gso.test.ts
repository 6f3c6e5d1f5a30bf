import { heapPerCall, type L4Frame, l4Frame, l4VnetFrame } from '@etherloom/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Gro } from './gro.ts';
import { GSO_MALFORMED, GsoSegmenter } from './gso.ts';
import { consumeSkb, SkbPool } from './skb-pool.ts';
import type { SkBuff } from './skbuff.ts';

const pool = new SkbPool();
const gso = new GsoSegmenter();

function load(frame: Uint8Array): number {
  gso.buf.set(frame);
  return gso.load(frame.length);
}

const bytesOf = (skb: SkBuff): Uint8Array => skb.buf.slice(skb.data, skb.tail);

function segments(frame: Uint8Array): Uint8Array[] {
  const n = load(frame);
  expect(n).toBeGreaterThan(0);
  return Array.from({ length: n }, () => {
    const skb = gso.next(pool)!;
    const bytes = bytesOf(skb);
    consumeSkb(skb);
    return bytes;
  });
}

/** The plain model: each segment made from nothing. cf. tcp_gso_segment */
function model(f: L4Frame, gsoSize: number): Uint8Array[] {
  const n = Math.ceil(f.payload.length / gsoSize);
  return Array.from({ length: n }, (_, i) => {
    let flags = f.flags ?? 0x10;
    if (i > 0) flags &= ~0x80;
    if (i < n - 1) flags &= ~0x09;
    const payload = f.payload.subarray(i * gsoSize, (i + 1) * gsoSize);
    const seq = ((f.seq ?? 1000) + i * gsoSize) >>> 0;
    return l4Frame({ ...f, payload, flags, seq, id: ((f.id ?? 1) + i) & 0xffff });
  });
}

const payload = (n: number): Uint8Array => new Uint8Array(n).map((_, i) => (i * 31 + (i >> 8)) ^ 0x5a);

const options = fc.nat(10).chain((words) => fc.uint8Array({ minLength: words * 4, maxLength: words * 4 }));

const anyFrame: fc.Arbitrary<L4Frame> = fc.record({
  payload: fc.nat(5000).map((n) => payload(n + 1)),
  ipv6: fc.boolean(),
  vlan: fc.option(fc.nat(0xffff), { nil: undefined }) as fc.Arbitrary<number>,
  tos: fc.nat(255),
  ttl: fc.nat(255),
  id: fc.nat(0xffff),
  df: fc.boolean(),
  source: fc.nat(0xffff),
  seq: fc.nat(0xffffffff),
  ack: fc.nat(0xffffffff),
  flags: fc.nat(255),
  window: fc.nat(0xffff),
  options,
});

test('any super-frame is cut as the kernel cuts it: flags, ids, lengths, sequence numbers and checksums', () => {
  fc.assert(
    fc.property(anyFrame, fc.integer({ min: 88, max: 2000 }), (f, size) => {
      expect(segments(l4VnetFrame(f, size))).toEqual(model(f, size));
    }),
    { numRuns: 50 },
  );
});

test('64 KiB are cut into segments of an Ethernet, and the last is what is left', () => {
  const f = { payload: payload(65483), options: new Uint8Array(12) };
  const cut = segments(l4VnetFrame(f, 1448));
  expect(cut.length).toBe(46);
  expect([gso.maxLen, cut[0]!.length, cut[45]!.length]).toEqual([1514, 1514, 66 + 65483 - 45 * 1448]);
  expect(cut).toEqual(model(f, 1448));
});

test('UDP datagrams gathered by their sender are cut with a length and a checksum each', () => {
  for (const ipv6 of [false, true]) {
    const f = { payload: payload(3333), udp: true, ipv6 };
    expect(segments(l4VnetFrame(f, 1000))).toEqual(model(f, 1000));
  }
});

test('a frame without its checksum gets it, and nothing else is touched', () => {
  fc.assert(
    fc.property(anyFrame, fc.boolean(), (f, udp) => {
      expect(segments(l4VnetFrame({ ...f, udp }))).toEqual([l4Frame({ ...f, udp })]);
    }),
    { numRuns: 30 },
  );
});

test('a frame that needs nothing is itself', () => {
  const frame = l4Frame({ payload: payload(77) });
  expect(segments(Uint8Array.of(...new Uint8Array(10), ...frame))).toEqual([frame]);
});

test('a checksum of zero is sent as all ones', () => {
  const zero = l4Frame({ payload: new Uint8Array(2), udp: true });
  const sum = (zero[40]! << 8) | zero[41]!;
  const [frame] = segments(l4VnetFrame({ payload: Uint8Array.of(sum >> 8, sum & 255), udp: true }));
  expect([frame![40], frame![41]]).toEqual([255, 255]);
});

test('a header that does not fit its frame is malformed, whatever the bytes', () => {
  const good = l4VnetFrame({ payload: payload(3000) }, 1000);
  const change = (at: number, value: number) => good.map((b, i) => (i === at ? value : b));
  for (const bad of [change(0, 0), change(1, 3), change(4, 0).map((b, i) => (i === 5 ? 0 : b)), change(8, 2)])
    expect(load(bad)).toBe(GSO_MALFORMED);
  expect(load(good.slice(0, 9))).toBe(GSO_MALFORMED);
  expect(load(good.slice(0, 60))).toBe(GSO_MALFORMED);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(2), (bytes, type) => {
      const frame = Uint8Array.of(1, [0, 1, 5][type]!, ...bytes);
      for (let left = Math.max(0, load(frame)); left > 0; left--) consumeSkb(gso.next(pool)!);
    }),
  );
});

test('an exhausted pool changes nothing: the segment is there to be taken later', () => {
  const f = { payload: payload(2500) };
  expect(load(l4VnetFrame(f, 1000))).toBe(3);
  const empty = new SkbPool({ small: 1 });
  const held = gso.next(empty)!;
  expect(gso.next(empty)).toBeNull();
  expect(gso.left).toBe(2);
  consumeSkb(held);
  expect(bytesOf(gso.next(empty)!)).toEqual(model(f, 1000)[1]);
});

test('what was cut and is gathered again is the same super-frame, with the checksum it would have had', () => {
  fc.assert(
    fc.property(anyFrame, fc.integer({ min: 88, max: 2000 }), fc.boolean(), (any, size, psh) => {
      const f = { ...any, flags: psh ? 0x18 : 0x10 };
      const gathered: Uint8Array[] = [];
      const gro = new Gro((flow) => {
        if (flow.count > 1) flow.finish();
        const [first, ...rest] = flow.skbs.slice(0, flow.count).map((skb) => bytesOf(skb!));
        gathered.push(Uint8Array.of(...first!, ...rest.flatMap((bytes) => [...bytes.subarray(flow.hdrLen)])));
        for (let i = 0; i < flow.count; i++) consumeSkb(flow.skbs[i]!);
      });
      const n = load(l4VnetFrame(f, size));
      for (let i = 0; i < n; i++) {
        const skb = gso.next(pool)!;
        if (gro.receive(skb)) continue;
        gathered.push(bytesOf(skb));
        consumeSkb(skb);
      }
      gro.flush();
      expect(gathered).toEqual([l4Frame(f)]);
      expect(pool.inUse).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test('cutting allocates nothing per frame', () => {
  const frame = l4VnetFrame({ payload: payload(6000) }, 60);
  gso.buf.set(frame);
  const growth = heapPerCall(() => {
    if (gso.left === 0) gso.load(frame.length);
    consumeSkb(gso.next(pool)!);
  });
  expect(growth).toBeLessThan(1); // longer payloads are copied through a view each: cf. copyBytes
});
