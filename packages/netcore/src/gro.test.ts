import {
  csumFold,
  csumPartial,
  csumPseudo,
  csumPseudo6,
  getU16,
  getU32,
  putU16,
  putVnetGso,
  putVnetU16,
  VIRTIO_NET_HDR_F_NEEDS_CSUM,
  VIRTIO_NET_HDR_GSO_UDP_L4,
  VIRTIO_NET_HDR_LEN,
  VNET_CSUM_OFFSET,
  VNET_CSUM_START,
  VNET_FLAGS,
} from '@etherloom/frame';
import { heapPerCall, type L4Frame, l4Frame } from '@etherloom/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Gro } from './gro.ts';
import type { GroFlow } from './gro-flow.ts';
import { GsoSegmenter } from './gso.ts';
import { consumeSkb, SkbPool } from './skb-pool.ts';
import { CHECKSUM_PARTIAL, type SkBuff } from './skbuff.ts';

const TCP_AT = 34;
const FLAG = { FIN: 0x01, SYN: 0x02, RST: 0x04, PSH: 0x08, ACK: 0x10, URG: 0x20, ECE: 0x40, CWR: 0x80 };

interface Gathered {
  count: number;
  bytes: Uint8Array;
}

function setup() {
  const pool = new SkbPool();
  const out: Gathered[] = [];
  const bytesOf = (skb: SkBuff) => skb.buf.slice(skb.data, skb.tail);
  const gro = new Gro((flow: GroFlow) => {
    if (flow.count > 1) flow.finish();
    const parts = flow.skbs.slice(0, flow.count).map((skb) => bytesOf(skb!));
    const bytes = parts.flatMap((part, i) => [...(i === 0 ? part : part.subarray(flow.hdrLen))]);
    out.push({ count: flow.count, bytes: Uint8Array.from(bytes) });
    for (let i = 0; i < flow.count; i++) consumeSkb(flow.skbs[i]!);
  });
  const skbOf = (frame: Uint8Array): SkBuff => {
    const skb = pool.alloc(frame.length)!;
    skb.buf.set(frame, skb.put(frame.length));
    return skb;
  };
  const pass = (skb: SkBuff): boolean => {
    if (gro.receive(skb)) return true;
    out.push({ count: 0, bytes: bytesOf(skb) });
    consumeSkb(skb);
    return false;
  };
  const receive = (frame: Uint8Array): boolean => pass(skbOf(frame));
  const counts = (): number[] => {
    gro.flush();
    expect([gro.held, pool.inUse]).toEqual([0, 0]);
    return out.map(({ count }) => count);
  };
  return { gro, out, pool, skbOf, pass, receive, counts };
}

/** The i-th segment of 100 bytes of a stream. */
function segment(i: number, change: Partial<L4Frame> = {}): Uint8Array {
  const payload = new Uint8Array(100).map((_, k) => i * 100 + k);
  return l4Frame({ payload, seq: 1000 + i * 100, id: i + 1, ...change });
}

const tcpChecksumOk = (frame: Uint8Array): boolean => {
  const len = frame.length - TCP_AT;
  const pseudo = csumPseudo(getU32(frame, 26), getU32(frame, 30), 6, len);
  return csumFold(csumPartial(frame, TCP_AT, len, pseudo)) === 0;
};

test('segments in sequence are one frame, whose headers and checksums say so', () => {
  const { out, receive, counts } = setup();
  for (let i = 0; i < 5; i++) expect(receive(segment(i))).toBe(true);
  expect(counts()).toEqual([5]);
  const payload = new Uint8Array(500).map((_, k) => k);
  expect(out[0]!.bytes).toEqual(l4Frame({ payload, seq: 1000, id: 1 }));
});

test('a short segment and a pushed one are the last of their frame, and PSH is kept', () => {
  const { out, receive, counts } = setup();
  receive(segment(0));
  receive(segment(1, { payload: new Uint8Array(99) }));
  expect(out.length).toBe(1);
  receive(segment(2, { seq: 1199 }));
  receive(segment(3, { seq: 1299, flags: FLAG.ACK | FLAG.PSH }));
  expect(out.length).toBe(2);
  expect(out[1]!.bytes[47]).toBe(FLAG.ACK | FLAG.PSH);
  receive(segment(4));
  expect(counts()).toEqual([2, 2, 1]);
});

// What the kernel would not gather either. Each case is the second of two segments that else are one frame.
// biome-ignore format: one case a line
test.each<[string, Partial<L4Frame>]>([
  ['a gap in the sequence',        { seq: 1101 }],
  ['the segment before it again',  { seq: 1000 }],
  ['a longer payload',             { payload: new Uint8Array(101) }],
  ['another acknowledgement',      { ack: 8 }],
  ['another window',               { window: 400 }],
  ['another TOS',                  { tos: 4 }],
  ['another ECN mark',             { tos: 3 }],
  ['another TTL',                  { ttl: 63 }],
  ['no DF',                        { df: false }],
  ['an id out of order',           { id: 9 }],
  ['other options',                { options: Uint8Array.of(1, 1, 1, 1) }],
  ['another tag',                  { vlan: 5 }],
])('%s ends what is held, and begins anew', (_name, change) => {
  const { out, receive, counts } = setup();
  receive(segment(0));
  receive(segment(1, change));
  expect(counts()).toEqual([1, 1]);
  expect(out[1]!.bytes).toEqual(segment(1, change));
});

// biome-ignore format: one case a line
test.each<[string, Partial<L4Frame>]>([
  ['a SYN',                  { flags: FLAG.SYN }],
  ['a FIN',                  { flags: FLAG.ACK | FLAG.FIN }],
  ['a reset',                { flags: FLAG.ACK | FLAG.RST }],
  ['urgent data',            { flags: FLAG.ACK | FLAG.URG }],
  ['a congestion echo',      { flags: FLAG.ACK | FLAG.ECE }],
  ['a window reduced',       { flags: FLAG.ACK | FLAG.CWR }],
  ['a pure acknowledgement', { payload: new Uint8Array(0) }],
])('%s passes by itself, behind what its flow holds', (_name, change) => {
  const { receive, out, counts } = setup();
  receive(segment(0));
  expect(receive(segment(1, change))).toBe(false);
  expect(out.map(({ bytes }) => bytes)).toEqual([segment(0), segment(1, change)]);
  expect(counts()).toEqual([1, 0]);
});

test('a frame that is no TCP, and an IPv4 header that is damaged, end what is held', () => {
  const { receive, counts } = setup();
  receive(segment(0));
  expect(receive(l4Frame({ payload: new Uint8Array(9), udp: true }))).toBe(false);
  receive(segment(1));
  const damaged = segment(2);
  damaged[24] = damaged[24]! ^ 1; // the header checksum
  expect(receive(damaged)).toBe(false);
  const padded = new Uint8Array(60);
  padded.set(l4Frame({ payload: new Uint8Array(0) }));
  expect(receive(padded)).toBe(false);
  const fragment = segment(3);
  fragment[20] = 0x20;
  expect(receive(fragment)).toBe(false);
  expect(receive(segment(4).subarray(0, 20))).toBe(false);
  expect(counts()).toEqual([1, 0, 1, 0, 0, 0, 0]);
});

test('one that left its checksum out, or says what no flag of ours knows, passes by itself', () => {
  const { skbOf, pass, counts } = setup();
  const partial = skbOf(segment(0));
  partial.ipSummed = CHECKSUM_PARTIAL;
  expect(pass(partial)).toBe(false);
  const accurate = segment(1);
  accurate[46]! |= 1; // the AE bit of accurate ECN
  expect(pass(skbOf(accurate))).toBe(false);
  expect(counts()).toEqual([0, 0]);
});

test('a shared or cloned skb passes by itself: its bytes are not ours to change', () => {
  const { skbOf, pass, counts } = setup();
  const skb = skbOf(segment(0));
  const clone = skb.clone()!;
  expect(pass(skb)).toBe(false);
  consumeSkb(clone);
  expect(counts()).toEqual([0]);
});

test('ids that stay the same are gathered when the frames may not be fragmented', () => {
  const fixed = setup();
  for (const i of [0, 1, 2]) fixed.receive(segment(i, { id: 0 }));
  fixed.receive(segment(3, { id: 3 }));
  expect(fixed.counts()).toEqual([3, 1]);
  const fragmentable = setup();
  for (const i of [0, 1]) fragmentable.receive(segment(i, { id: 0, df: false }));
  expect(fragmentable.counts()).toEqual([1, 1]);
});

test('flows are gathered side by side; one more than the table holds ends the oldest', () => {
  const { receive, counts, gro, out } = setup();
  for (let i = 0; i < 3; i++)
    for (let host = 1; host <= 8; host++) expect(receive(segment(i, { host }))).toBe(true);
  expect([gro.held, out.length]).toEqual([8, 0]);
  receive(segment(0, { host: 9 }));
  expect(out.map(({ count }) => count)).toEqual([3]);
  expect(counts()).toEqual([3, 3, 3, 3, 3, 3, 3, 3, 1]);
});

test('a frame grows to what an IP header can say, and not beyond', () => {
  const { receive, counts, out } = setup();
  const payload = new Uint8Array(1448);
  for (let i = 0; i < 100; i++)
    receive(l4Frame({ payload, seq: i * 1448, id: i, options: new Uint8Array(12) }));
  expect(counts()).toEqual([45, 45, 10]);
  expect(getU16(out[0]!.bytes, 16)).toBe(52 + 45 * 1448);
});

test('a damaged segment damages the checksum of the whole, wherever it was damaged', () => {
  const damage = fc.record({
    segment: fc.nat(6),
    at: fc.integer({ min: TCP_AT, max: TCP_AT + 20 + 92 }),
    bit: fc.nat(7),
    size: fc.integer({ min: 93, max: 100 }),
  });
  fc.assert(
    fc.property(damage, (d) => {
      const { receive, counts, out } = setup();
      for (let i = 0; i < 7; i++) {
        const payload = new Uint8Array(d.size).map((_, k) => i * 7 + k * 3);
        const frame = l4Frame({ payload, seq: 1000 + i * d.size, id: i + 1 });
        if (i === d.segment) frame[d.at] = frame[d.at]! ^ (1 << d.bit);
        receive(frame);
      }
      counts();
      expect(out.filter(({ bytes }) => !tcpChecksumOk(bytes)).length).toBe(1);
    }),
    { numRuns: 300 },
  );
});

test('gathering allocates nothing per frame', () => {
  const pool = new SkbPool();
  const gro = new Gro((flow) => {
    flow.finish();
    for (let i = 0; i < flow.count; i++) consumeSkb(flow.skbs[i]!);
  });
  const frames = Array.from({ length: 40 }, (_, i) => segment(i));
  let next = 0;
  const growth = heapPerCall(() => {
    const frame = frames[next]!;
    const skb = pool.alloc(frame.length)!;
    const at = skb.put(frame.length);
    for (let i = 0; i < frame.length; i++) skb.buf[at + i] = frame[i]!;
    if (!gro.receive(skb)) consumeSkb(skb);
    next = (next + 1) % frames.length;
    if (next === 0) gro.flush();
  });
  expect(growth).toBeLessThan(1);
});

/** The i-th datagram of 100 bytes of a flow. */
function datagram(i: number, change: Partial<L4Frame> = {}): Uint8Array {
  const payload = new Uint8Array(100).map((_, k) => i * 100 + k);
  return l4Frame({ payload, id: i + 1, udp: true, ...change });
}

function udpSetup() {
  const made = setup();
  made.gro.udp = true;
  return made;
}

describe('UDP, where it is asked for', () => {
  test('by default each datagram goes on by itself', () => {
    const { receive, counts } = setup();
    for (let i = 0; i < 3; i++) expect(receive(datagram(i))).toBe(false);
    expect(counts()).toEqual([0, 0, 0]);
  });

  test.each([false, true])(
    'datagrams of a flow are one frame that GSO cuts as they were, to the byte (IPv6: %s)',
    (ipv6) => {
      const { out, receive, counts } = udpSetup();
      const sent = [0, 1, 2, 3].map((i) =>
        datagram(i, { ipv6, ...(i === 3 && { payload: new Uint8Array(40).fill(9) }) }),
      );
      for (const frame of sent) expect(receive(frame)).toBe(true);
      expect(counts()).toEqual([4]);
      expect(cut(out[0]!.bytes, 100, ipv6)).toEqual(sent);
    },
  );

  // biome-ignore format: one case a line
  test.each<[string, Partial<L4Frame>, number[]]>([
    ['a longer one begins anew',            { payload: new Uint8Array(101) },        [1, 1]],
    ['another TOS',                         { tos: 4 },                              [1, 1]],
    ['another TTL',                         { ttl: 3 },                              [1, 1]],
    ['an id that does not count up',        { id: 1 },                               [1, 1]],
  ])('%s', (_name, change, want) => {
    const { receive, counts } = udpSetup();
    receive(datagram(0));
    receive(datagram(1, change));
    expect(counts()).toEqual(want);
  });

  test('one without a checksum claims nothing, and stays by itself', () => {
    const { receive, counts } = udpSetup();
    receive(datagram(0));
    const bare = datagram(1);
    bare.fill(0, 40, 42);
    expect(receive(bare)).toBe(false);
    receive(datagram(2));
    expect(counts()).toEqual([1, 0, 1]);
  });

  test('64 datagrams are the most', () => {
    const { receive, counts } = udpSetup();
    for (let i = 0; i < 70; i++) receive(datagram(i));
    expect(counts()).toEqual([64, 6]);
  });

  test('TCP and UDP between the same ports are two flows', () => {
    const { receive, counts } = udpSetup();
    for (let i = 0; i < 2; i++) {
      receive(datagram(i));
      receive(segment(i));
    }
    expect(counts()).toEqual([2, 2]);
  });

  test('a damaged datagram damages the checksum of the whole', () => {
    const { out, receive, counts } = udpSetup();
    const bad = datagram(1);
    bad[60]! ^= 4;
    receive(datagram(0));
    receive(bad);
    expect(counts()).toEqual([2]);
    expect(udpChecksumOk(out[0]!.bytes)).toBe(false);
  });
});

function udpChecksumOk(frame: Uint8Array): boolean {
  const len = frame.length - TCP_AT;
  const pseudo = csumPseudo(getU32(frame, 26), getU32(frame, 30), 17, len);
  return csumFold(csumPartial(frame, TCP_AT, len, pseudo)) === 0;
}

/** A super-frame of datagrams as a cable's record, cut by GSO. */
function cut(frame: Uint8Array, size: number, ipv6: boolean): Uint8Array[] {
  const l4 = ipv6 ? 54 : 34;
  const record = new Uint8Array(VIRTIO_NET_HDR_LEN + frame.length);
  record.set(frame, VIRTIO_NET_HDR_LEN);
  putVnetGso(record, 0, VIRTIO_NET_HDR_GSO_UDP_L4, l4 + 8, size);
  record[VNET_FLAGS] = VIRTIO_NET_HDR_F_NEEDS_CSUM;
  putVnetU16(record, VNET_CSUM_START, l4);
  putVnetU16(record, VNET_CSUM_OFFSET, 6);
  const pseudo = ipv6
    ? csumPseudo6(frame, 14, 17, frame.length - l4)
    : csumPseudo(getU32(frame, 26), getU32(frame, 30), 17, frame.length - l4);
  putU16(record, VIRTIO_NET_HDR_LEN + l4 + 6, ~csumFold(pseudo) & 0xffff);
  const gso = new GsoSegmenter();
  gso.loadRecord(record, 0, frame.length);
  return Array.from({ length: gso.left }, () => {
    const to = new Uint8Array(gso.nextLength);
    gso.emit(to, 0);
    return to;
  });
}
