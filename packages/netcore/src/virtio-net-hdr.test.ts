import { VIRTIO_NET_HDR_LEN, VNET_MALFORMED, vnetCheck } from '@etherloom/frame';
import { type L4Frame, l4VnetFrame } from '@etherloom/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GsoSegmenter } from './gso.ts';
import { SkbPool } from './skb-pool.ts';
import { virtioNetHdrFromSkb, virtioNetHdrToSkb } from './virtio-net-hdr.ts';

const TCP: L4Frame = { payload: new Uint8Array(3000) };
const check = (frame: Uint8Array): number => vnetCheck(frame, 0, frame.length - VIRTIO_NET_HDR_LEN);
/** Bytes written over a good super-frame, counted from the virtio_net_hdr on. */
const changed = (f: L4Frame, changes: Record<number, number>): Uint8Array => {
  const frame = l4VnetFrame(f, 1000);
  for (const [at, value] of Object.entries(changes)) frame[Number(at)] = value;
  return frame;
};
const V6 = { ...TCP, ipv6: true };
const UDP = { ...TCP, udp: true };

// biome-ignore format: one case a line
test.each([
  ['a flag that is none',                     TCP, { 0: 9 }],
  ['segments without a checksum to make',     TCP, { 0: 0 }],
  ['a type that is none',                     TCP, { 1: 2 }],
  ['fragments of UDP (UFO)',                  UDP, { 1: 3 }],
  ['UDP with ECN',                            UDP, { 1: 0x85 }],
  ['TCP over IPv6 said to be over IPv4',      V6,  { 1: 1 }],
  ['TCP said to be UDP',                      TCP, { 1: 5 }],
  ['UDP said to be TCP',                      UDP, { 1: 1 }],
  ['segments of no bytes',                    TCP, { 4: 0, 5: 0 }],
  ['a checksum that begins elsewhere',        TCP, { 6: 35 }],
  ['a checksum that begins behind the frame', TCP, { 7: 255 }],
  ['a checksum that belongs elsewhere',       TCP, { 8: 6 }],
  ['a checksum that belongs behind the frame', TCP, { 9: 255 }],
  ['a fragment',                              TCP, { 30: 0x20 }],
  ['an IPv4 header shorter than any',         TCP, { 24: 0x44 }],
  ['another version of IP',                   TCP, { 24: 0x65 }],
  ['a TCP header shorter than any',           TCP, { 56: 0x40 }],
  ['neither IPv4 nor IPv6',                   TCP, { 22: 0x88 }],
  ['an IPv6 fragment',                        V6,  { 30: 44 }],
])('%s is malformed', (_name, f, changes) => {
  expect(check(changed(f, {}))).toBe(3);
  expect(check(changed(f, changes))).toBe(VNET_MALFORMED);
});

test('a frame cut short anywhere in its headers is malformed', () => {
  for (const f of [TCP, V6, UDP]) {
    const frame = l4VnetFrame(f, 1000);
    const headers = frame.length - 3000;
    for (let n = VIRTIO_NET_HDR_LEN; n <= headers; n++) expect(check(frame.slice(0, n))).toBe(VNET_MALFORMED);
    expect(check(frame.slice(0, headers + 1))).toBe(1);
  }
});

test('more segments than anybody should be asked to cut are malformed', () => {
  const frame = l4VnetFrame({ payload: new Uint8Array(8193) }, 2);
  expect(check(frame)).toBe(VNET_MALFORMED);
  expect(check(frame.slice(0, -1))).toBe(4096);
});

test('IPv6 extension headers that all segments may share are stepped over', () => {
  const plain = l4VnetFrame(V6, 1000);
  const hop = [6, 0, 1, 4, 0, 0, 0, 0];
  const frame = Uint8Array.of(...plain.subarray(0, 64), ...hop, ...plain.subarray(64));
  frame[30] = 0; // next header: hop by hop
  frame[6]! += 8; // csum_start
  expect(check(frame)).toBe(3);
  frame[64] = 44; // a fragment behind it
  expect(check(frame)).toBe(VNET_MALFORMED);
});

test('whatever the bytes are, what passes the check can be cut', () => {
  const gso = new GsoSegmenter();
  const to = new Uint8Array(70_000);
  const good = fc.constantFrom(TCP, V6, UDP, { ...TCP, vlan: 5 }).map((f) => l4VnetFrame(f, 1000));
  const damage = fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 });
  let passed = 0;
  fc.assert(
    fc.property(good, damage, fc.nat(3000), (frame, changes, short) => {
      for (const [at, value] of changes) frame[at] = value;
      const length = frame.length - VIRTIO_NET_HDR_LEN - short;
      const segs = vnetCheck(frame, 0, length);
      if (segs === VNET_MALFORMED) return;
      passed++;
      gso.loadRecord(frame, 0, length);
      expect(gso.left).toBe(segs);
      let payload = 0;
      while (gso.left > 0) {
        payload += gso.nextLength;
        gso.emit(to, 0);
      }
      expect(payload).toBeGreaterThanOrEqual(length);
    }),
    { numRuns: 500 },
  );
  expect(passed).toBeGreaterThan(100);
});

// biome-ignore format: one case a line
test.each<[string, number[]]>([
  ['nothing',                     [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['a checksum that is verified', [2, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['a checksum left out',         [1, 0, 0, 0, 0, 0, 34, 0, 16, 0]],
  ['TCP over IPv4',               [1, 1, 54, 0, 232, 3, 34, 0, 16, 0]],
  ['TCP over IPv4 with ECN',      [1, 0x81, 54, 0, 232, 3, 34, 0, 16, 0]],
  ['TCP over IPv6',               [1, 4, 74, 0, 232, 3, 54, 0, 16, 0]],
  ['UDP',                         [1, 5, 42, 0, 232, 3, 34, 0, 6, 0]],
])('what a header says of %s an skb says too', (_name, header) => {
  const frame = { ...TCP, ipv6: header[6] === 54, udp: header[1] === 5 };
  const record = l4VnetFrame(frame, 1000);
  record.set(header);
  const skb = new SkbPool().alloc(record.length)!;
  skb.putData(record, VIRTIO_NET_HDR_LEN);
  virtioNetHdrToSkb(skb, record, 0, header[1] === 0 ? 1 : 3);
  const back = new Uint8Array(VIRTIO_NET_HDR_LEN).fill(9);
  virtioNetHdrFromSkb(skb, back, 0);
  expect([...back]).toEqual(header);
});
