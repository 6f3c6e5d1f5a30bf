import {
  VIRTIO_NET_HDR_LEN,
  VNET_MALFORMED,
  vnetCheck,
  vnetLongest,
  vnetSegs,
  vnetWireBytes,
} from '@etherloom/frame';
import { heapPerCall, type L4Frame, l4Frame, l4VnetFrame, VirtualHost } from '@etherloom/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocEtherdev } from './ethernet.ts';
import { Gro } from './gro.ts';
import { GsoSegmenter } from './gso.ts';
import { Net } from './net.ts';
import { consumeSkb, SkbPool } from './skb-pool.ts';
import { type SkBuff, skbLongestSeg, skbSegs, skbWireLen } from './skbuff.ts';
import { skbGsoSegment, validateXmitSkb } from './validate-xmit.ts';
import { virtioNetHdrFromSkb, virtioNetHdrToSkb } from './virtio-net-hdr.ts';

const pool = new SkbPool();
const gso = new GsoSegmenter();

/** The record's verdict; an odd offset, as in a batch of other records. */
function load(frame: Uint8Array): number {
  const buf = new Uint8Array(frame.length + 3);
  buf.set(frame, 3);
  const n = vnetCheck(buf, 3, frame.length - VIRTIO_NET_HDR_LEN);
  if (n === VNET_MALFORMED) return n;
  gso.loadRecord(buf, 3, frame.length - VIRTIO_NET_HDR_LEN);
  expect(gso.left).toBe(n);
  return n;
}

const bytesOf = (skb: SkBuff): Uint8Array => skb.buf.slice(skb.data, skb.tail);

function emit(): Uint8Array {
  const bytes = new Uint8Array(gso.nextLength + 2);
  gso.emit(bytes, 2);
  return bytes.subarray(2);
}

function segments(frame: Uint8Array): Uint8Array[] {
  const n = load(frame);
  expect(n).toBeGreaterThan(0);
  return Array.from({ length: n }, emit);
}

function skbOf(frame: Uint8Array): SkBuff {
  const length = frame.length - VIRTIO_NET_HDR_LEN;
  const skb = pool.alloc(length)!;
  const at = skb.put(length) - VIRTIO_NET_HDR_LEN;
  skb.buf.set(frame, at);
  virtioNetHdrToSkb(skb, skb.buf, at, vnetCheck(skb.buf, at, length));
  return skb;
}

/** As a list of skbs that a device without any offload would be given. */
function skbSegments(frame: Uint8Array): Uint8Array[] {
  const dev = allocEtherdev(new Net(new VirtualHost()), 'bare');
  const cut: Uint8Array[] = [];
  for (let skb = validateXmitSkb(skbOf(frame), dev); skb !== null; ) {
    const { next } = skb;
    skb.next = null;
    expect(skb).toMatchObject({ ipSummed: 0, gsoSize: 0 });
    cut.push(bytesOf(skb));
    consumeSkb(skb);
    skb = next;
  }
  return cut;
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
      expect(skbSegments(l4VnetFrame(f, size))).toEqual(model(f, size));
    }),
    { numRuns: 50 },
  );
  expect(pool.inUse).toBe(0);
});

test('what a header says of its segments is what they are', () => {
  fc.assert(
    fc.property(anyFrame, fc.integer({ min: 88, max: 2000 }), fc.boolean(), (f, size, udp) => {
      const frame = l4VnetFrame({ ...f, udp }, size);
      frame.set([255, 255], 2); // hdr_len: nobody may trust it
      const length = frame.length - VIRTIO_NET_HDR_LEN;
      expect(vnetCheck(frame, 0, length)).toBeGreaterThan(0);
      const lengths = model({ ...f, udp }, size).map((segment) => segment.length);
      expect(vnetSegs(frame, 0, length)).toBe(lengths.length);
      expect(vnetWireBytes(frame, 0, length)).toBe(lengths.reduce((sum, n) => sum + n));
      expect(vnetLongest(frame, 0, length)).toBe(Math.max(...lengths));
      const skb = skbOf(frame);
      const told = [skbSegs(skb), skbWireLen(skb), skbLongestSeg(skb)];
      expect(told).toEqual([lengths.length, lengths.reduce((sum, n) => sum + n), Math.max(...lengths)]);
      const header = new Uint8Array(VIRTIO_NET_HDR_LEN);
      virtioNetHdrFromSkb(skb, header, 0);
      expect(header).toEqual(frame.slice(0, VIRTIO_NET_HDR_LEN));
      consumeSkb(skb);
    }),
    { numRuns: 50 },
  );
});

test('64 KiB are cut into segments of an Ethernet, and the last is what is left', () => {
  const f = { payload: payload(65483), options: new Uint8Array(12) };
  const cut = segments(l4VnetFrame(f, 1448));
  expect(cut.length).toBe(46);
  expect([cut[0]!.length, cut[45]!.length]).toEqual([1514, 66 + 65483 - 45 * 1448]);
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

test('an exhausted pool changes nothing: the super-frame is there to be cut later', () => {
  const small = new SkbPool({ small: 2 });
  const skb = small.alloc(4000)!;
  const bytes = l4VnetFrame({ payload: payload(2500) }, 1000);
  const at = skb.put(bytes.length - 10) - 10;
  skb.buf.set(bytes, at);
  virtioNetHdrToSkb(skb, skb.buf, at, vnetCheck(skb.buf, at, bytes.length - 10));
  expect(skbGsoSegment(skb)).toBeNull();
  expect(small.inUse).toBe(1);
  expect(bytesOf(skb)).toEqual(bytes.slice(10));
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
        const skb = pool.alloc(gso.nextLength)!;
        gso.emit(skb.buf, skb.put(gso.nextLength));
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
  const to = new Uint8Array(200);
  const growth = heapPerCall(() => {
    if (gso.left === 0) gso.loadRecord(frame, 0, frame.length - VIRTIO_NET_HDR_LEN);
    gso.emit(to, 0);
  });
  expect(growth).toBeLessThan(1); // longer payloads are copied through a view each: cf. copyBytes
});
