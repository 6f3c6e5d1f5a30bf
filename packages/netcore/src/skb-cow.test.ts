import { describe, expect, test } from 'vitest';
import { SKB_DROP_REASON_NOMEM, SKB_DROP_REASON_PKT_TOO_SMALL, SKB_NOT_DROPPED_YET } from './drop-reason.ts';
import { pskbCopy, pskbExpandHead, skbCopyExpand, skbCow, skbCowHead, skbUnclone } from './skb-cow.ts';
import { pskbMayPull, pskbMayPullReason, skbHeadlen, skbIsNonlinear, skbLinearize } from './skb-linear.ts';
import { ethSkbPad, skbPad, skbPadto, skbPutPadto } from './skb-pad.ts';
import { consumeSkb, SkbPool, skbShareCheck } from './skb-pool.ts';
import { CHECKSUM_PARTIAL, NET_SKB_PAD, type SkBuff, skbCloned, skbShared } from './skbuff.ts';

const FRAME = Uint8Array.from({ length: 60 }, (_, i) => i + 1);
const bytes = (skb: SkBuff) => [...skb.buf.subarray(skb.data, skb.tail)];

/** A received frame of 60 bytes: mac header set, and pulled off. */
function received(pool = new SkbPool()): SkBuff {
  const skb = pool.alloc(60)!;
  skb.putData(FRAME);
  skb.macHeader = skb.data;
  skb.pull(14);
  skb.networkHeader = skb.data;
  skb.buf.fill(0xaa, skb.tail, skb.end); // so that zeroes are somebody's doing
  return skb;
}

/** The frame with its Ethernet header, wherever that is now. */
const whole = (skb: SkBuff) => [...skb.buf.subarray(skb.macHeader, skb.tail)];

describe('an skb whose bytes a clone shares', () => {
  // biome-ignore format: one case a line
  test.each<[string, (skb: SkBuff) => boolean]>([
    ['skb_unclone',              skbUnclone],
    ['skb_cow',                  (skb) => skbCow(skb, 0)],
    ['skb_cow with headroom',    (skb) => skbCow(skb, 500)],
    ['skb_cow_head',             (skb) => skbCowHead(skb, 20)],
    ['skb.cow',                  (skb) => skb.cow(14)],
    ['pskb_expand_head',         (skb) => pskbExpandHead(skb, 0, 0)],
    ['skb_pad',                  (skb) => skbPad(skb, 4)],
    ['skb_padto',                (skb) => skbPadto(skb, 70)],
  ])('%s gives it bytes of its own, pulled headers included, and leaves the clone alone', (_name, own) => {
    const skb = received();
    skb.ipSummed = CHECKSUM_PARTIAL;
    skb.csumStart = skb.data + 20;
    const clone = skb.clone()!;
    expect([skbCloned(skb), own(skb), skbCloned(skb), skbCloned(clone)]).toEqual([true, true, false, false]);
    expect([whole(skb), whole(clone)]).toEqual([[...FRAME], [...FRAME]]);
    expect([skb.data - skb.macHeader, skb.networkHeader - skb.data]).toEqual([14, 0]);
    expect([skb.csumStart - skb.data, clone.csumStart - clone.data]).toEqual([20, 20]);
    skb.buf.fill(0, skb.head, skb.end);
    expect(whole(clone)).toEqual([...FRAME]);
    consumeSkb(clone);
    consumeSkb(skb);
    expect(skb.pool.inUse).toBe(0);
  });

  test('alone and with room enough, nothing is copied', () => {
    const skb = received();
    const { head, data } = skb;
    expect([skbUnclone(skb), skbCow(skb, 64), skbCowHead(skb, 64), skb.cow(64)]).toEqual(Array(4).fill(true));
    expect([skb.head, skb.data]).toEqual([head, data]);
  });

  test('when the pool is exhausted they say so, and nothing has changed', () => {
    const pool = new SkbPool({ small: 1, medium: 0 });
    const skb = received(pool);
    const clone = skb.clone()!;
    const { head, data, tail } = skb;
    expect([skbUnclone(skb), skbCow(skb, 0), pskbExpandHead(skb, 1, 1)]).toEqual([false, false, false]);
    expect([skb.head, skb.data, skb.tail, skbCloned(clone)]).toEqual([head, data, tail, true]);
  });
});

test('pskb_expand_head adds to headroom and tailroom, and no less than asked', () => {
  const skb = received();
  const { headroom, tailroom } = skb;
  expect(pskbExpandHead(skb, 100, 3000)).toBe(true);
  expect(skb.headroom).toBe(headroom + 100);
  expect(skb.tailroom).toBeGreaterThanOrEqual(tailroom + 3000);
  expect(whole(skb)).toEqual([...FRAME]);
});

test('pskb_expand_head of an skb that somebody else holds, or by less than nothing, is a bug', () => {
  const skb = received();
  expect(() => pskbExpandHead(skb, -1, 0)).toThrow(/pskb_expand_head: -1/);
  skb.get();
  expect(() => pskbExpandHead(skb, 0, 0)).toThrow(/2 holders/);
});

// biome-ignore format: one case a line
test.each<[string, (skb: SkBuff) => SkBuff | null, number, number]>([
  ['skb_copy',                         (skb) => skb.copy(),                  78,   0],
  ['pskb_copy',                        pskbCopy,                             78,   0],
  ['skb_copy_expand with more of both', (skb) => skbCopyExpand(skb, 200, 900), 200,  900],
])('%s is a copy of all bytes, headers pulled off included', (_name, copyOf, headroom, tailroom) => {
  const skb = received();
  const copy = copyOf(skb)!;
  expect([whole(copy), copy.headroom, skbCloned(copy)]).toEqual([[...FRAME], headroom, false]);
  expect(copy.tailroom).toBeGreaterThanOrEqual(tailroom);
  copy.buf.fill(0, copy.head, copy.end);
  expect(whole(skb)).toEqual([...FRAME]);
});

describe('users and dataref', () => {
  // biome-ignore format: one case a line
  test.each<[string, (skb: SkBuff) => unknown, [number, number, boolean, boolean]]>([
    ['a new skb: one holder, one head',                  () => 0,                                     [1, 1, false, false]],
    ['skb_get: two holders of one head',                 (skb) => skb.get(),                          [2, 1, true,  false]],
    ['skb_clone: two heads over the same bytes',         (skb) => skb.clone(),                        [1, 2, false, true]],
    ['skb_copy: another skb',                            (skb) => skb.copy(),                         [1, 1, false, false]],
    ['a clone that is freed',                            (skb) => consumeSkb(skb.clone()!),           [1, 1, false, false]],
    ['skb_share_check of a shared skb gives a clone and lets go', (skb) => skbShareCheck(skb.get()),  [1, 2, false, true]],
    ['skb_share_check and skb_unclone: skb_unshare',     (skb) => skbUnclone(skbShareCheck(skb.get())!), [1, 1, false, false]],
  ])('%s', (_name, act, want) => {
    const skb = received();
    act(skb);
    expect([skb.users, skb.shinfo.dataref, skbShared(skb), skbCloned(skb)]).toEqual(want);
  });
});

describe('padding', () => {
  // biome-ignore format: one case a line
  test.each<[string, (skb: SkBuff) => boolean, number, number]>([
    ['skb_pad zeroes the tailroom, the length stays',    (skb) => skbPad(skb, 20),       46, 20],
    ['skb_padto zeroes up to a length, which stays',     (skb) => skbPadto(skb, 64),     46, 18],
    ['skb_padto of a frame that is long enough',         (skb) => skbPadto(skb, 46),     46,  0],
    ['skb_put_padto extends',                            (skb) => skbPutPadto(skb, 64),  64,  0],
    ['eth_skb_pad makes 60 bytes',                       ethSkbPad,                      60,  0],
    ['skb_put_padto beyond the tailroom makes room',     (skb) => skbPutPadto(skb, 4000), 4000, 0],
  ])('%s', (_name, pad, len, zeroes) => {
    const skb = received();
    expect(pad(skb)).toBe(true);
    expect(skb.len).toBe(len);
    expect(bytes(skb)).toEqual([...FRAME.subarray(14), ...Array(len - 46).fill(0)]);
    if (zeroes > 0) {
      expect([...skb.buf.subarray(skb.tail, skb.tail + zeroes + 1)]).toEqual([...Array(zeroes).fill(0), 0xaa]);
    }
  });

  test('without memory the skb is dropped for NOMEM, as the kernel frees it', () => {
    const pool = new SkbPool({ small: 1 });
    const skb = received(pool);
    const clone = skb.clone()!;
    expect(skbPutPadto(skb, 60)).toBe(false);
    expect([pool.inUse, pool.drops[SKB_DROP_REASON_NOMEM]]).toEqual([1, 1]);
    consumeSkb(clone);
  });
});

test('an skb is one piece: what may be pulled is what is there, and linearising does nothing', () => {
  const skb = received();
  expect([pskbMayPull(skb, 46), pskbMayPull(skb, 47)]).toEqual([true, false]);
  expect([pskbMayPullReason(skb, 46), pskbMayPullReason(skb, 47)]).toEqual([
    SKB_NOT_DROPPED_YET,
    SKB_DROP_REASON_PKT_TOO_SMALL,
  ]);
  const { data, tail } = skb;
  expect([skbIsNonlinear(skb), skbLinearize(skb), skbHeadlen(skb)]).toEqual([false, true, skb.len]);
  expect([skb.data, skb.tail]).toEqual([data, tail]);
});

test('put_data and put_zero extend the frame and say where', () => {
  const skb = new SkbPool().alloc()!;
  skb.buf.fill(0xaa, skb.data, skb.end);
  expect([skb.putData(FRAME, 2, 5), skb.putZero(3)]).toEqual([NET_SKB_PAD, NET_SKB_PAD + 3]);
  expect(bytes(skb)).toEqual([3, 4, 5, 0, 0, 0]);
  expect(() => skb.putZero(5000)).toThrow('skb_over_panic');
  expect(() => skb.putData(new Uint8Array(5000))).toThrow('skb_over_panic');
  expect(skb.len).toBe(6);
});
