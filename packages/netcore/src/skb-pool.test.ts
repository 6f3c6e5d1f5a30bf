import { heapPerCall } from '@etherloom/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SKB_DROP_REASON_NOMEM } from './drop-reason.ts';
import { consumeSkb, kfreeSkb, SkbPool, skbShareCheck } from './skb-pool.ts';
import { CHECKSUM_PARTIAL, NET_SKB_PAD, type SkBuff, skbCloned, skbShared } from './skbuff.ts';

// biome-ignore format: one case a line
test.each([
  [0,     2048],
  [1984,  2048],
  [1985,  16384],
  [9018,  16384],
  [65553, 69632],
])('%i bytes come from the class of %i', (size, end) => {
  const skb = new SkbPool().alloc(size)!;
  expect(skb.end - skb.head).toBe(end);
  expect(skb.tailroom).toBeGreaterThanOrEqual(size);
});

test('more than the largest class is a programmer error', () => {
  expect(() => new SkbPool().alloc(70_000)).toThrow(/70000 bytes asked/);
});

test('an exhausted pool says null and counts it, and serves again once something is freed', () => {
  const pool = new SkbPool({ small: 2 });
  const a = pool.alloc()!;
  const b = pool.alloc()!;
  expect([pool.alloc(), pool.exhausted, pool.inUse]).toEqual([null, 1, 2]);
  consumeSkb(a);
  expect(pool.alloc()).not.toBe(null);
  expect(b.users).toBe(1);
});

test('a freed skb comes back clean', () => {
  const pool = new SkbPool({ small: 1 });
  const first = pool.alloc()!;
  first.put(60);
  Object.assign(first, { protocol: 0x800, priority: 7, mark: 1, pktType: 3, macHeader: 64 });
  consumeSkb(first);
  const again = pool.alloc()!;
  expect(again).toBe(first);
  const { len, protocol, priority, mark, pktType, macHeader, users, dev, next } = again;
  expect([len, protocol, priority, mark, pktType, macHeader, users, dev, next]).toEqual([
    0,
    0,
    0,
    0,
    0,
    -1,
    1,
    null,
    null,
  ]);
});

describe('references', () => {
  test('get shares the head: the last holder frees it', () => {
    const pool = new SkbPool();
    const skb = pool.alloc()!.get();
    expect(skbShared(skb)).toBe(true);
    consumeSkb(skb);
    expect([pool.inUse, skbShared(skb)]).toEqual([1, false]);
    consumeSkb(skb);
    expect(pool.inUse).toBe(0);
  });

  test('only the last holder counts a drop', () => {
    const pool = new SkbPool();
    const skb = pool.alloc()!.get();
    kfreeSkb(skb, SKB_DROP_REASON_NOMEM);
    expect(pool.drops[SKB_DROP_REASON_NOMEM]).toBe(0);
    kfreeSkb(skb, SKB_DROP_REASON_NOMEM);
    expect(pool.drops[SKB_DROP_REASON_NOMEM]).toBe(1);
  });

  test('a super-frame is as many drops as it has segments', () => {
    const pool = new SkbPool();
    const skb = pool.alloc()!;
    skb.ipSummed = CHECKSUM_PARTIAL;
    skb.gsoSize = 100;
    skb.gsoSegs = 7;
    kfreeSkb(skb, SKB_DROP_REASON_NOMEM);
    expect([pool.drops[SKB_DROP_REASON_NOMEM], skb.gsoSize]).toEqual([7, 0]);
  });

  test('freeing twice is caught', () => {
    const skb = new SkbPool().alloc()!;
    consumeSkb(skb);
    expect(() => consumeSkb(skb)).toThrow(/freed twice/);
  });

  test('skb_share_check: alone the skb itself, shared a clone', () => {
    const pool = new SkbPool();
    const skb = pool.alloc()!;
    expect(skbShareCheck(skb)).toBe(skb);
    const mine = skbShareCheck(skb.get())!;
    expect([mine === skb, skb.users, skbCloned(mine)]).toEqual([false, 1, true]);
  });

  test('an skb built over foreign bytes has neither headroom nor tailroom, and lets go of them', () => {
    const pool = new SkbPool();
    const message = new Uint8Array(200);
    const skb = pool.build(message, 50, 60)!;
    expect([skb.len, skb.headroom, skb.tailroom, skb.buf === message]).toEqual([60, 0, 0, true]);
    expect(() => skb.push(1)).toThrow('skb_under_panic');
    consumeSkb(skb);
    expect([skb.buf === message, pool.inUse]).toEqual([false, 0]);
  });
});

type Step = readonly ['alloc' | 'clone' | 'copy' | 'build' | 'free', number];

/** Does one step with the skbs that are held; a pool that is exhausted gives nothing. */
function play(pool: SkbPool, held: SkBuff[], [op, pick]: Step): void {
  const from = held[pick % Math.max(1, held.length)];
  if (op === 'free' && from !== undefined) consumeSkb(held.splice(held.indexOf(from), 1)[0]!);
  if (op === 'alloc') hold(held, pool.alloc());
  if (op === 'build') hold(held, pool.build(new Uint8Array(9), 0, 9));
  if (op === 'clone') hold(held, from?.clone());
  if (op === 'copy') hold(held, from?.copy());
}

function hold(held: SkBuff[], skb: SkBuff | null | undefined): void {
  if (skb) held.push(skb);
}

test('in whatever order originals, clones and copies are freed, all come home and no two share bytes', () => {
  const step = fc.tuple(fc.constantFrom<Step[0]>('alloc', 'clone', 'copy', 'build', 'free'), fc.nat());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const pool = new SkbPool({ small: 8, heads: 64 });
      const held: SkBuff[] = [];
      for (const one of steps) {
        play(pool, held, one);
        expect(pool.inUse).toBe(held.length);
      }
      for (const skb of held) consumeSkb(skb);
      const all = Array.from({ length: 8 }, () => pool.alloc()!);
      expect([pool.inUse, pool.alloc()]).toEqual([8, null]);
      all.sort((a, b) => a.head - b.head);
      expect(all.every((skb, i) => skb.end <= (all[i + 1]?.head ?? skb.buf.length))).toBe(true);
      expect(all.every((skb) => skb.end - skb.head === 2048)).toBe(true);
      expect(all.every((skb) => skb.buf === all[0]!.buf && skb.headroom === NET_SKB_PAD)).toBe(true);
    }),
  );
});

test('alloc, clone and free allocate nothing', () => {
  const pool = new SkbPool();
  const grow = heapPerCall(() => {
    const skb = pool.alloc()!;
    const clone = skb.clone()!;
    consumeSkb(skb);
    consumeSkb(clone);
  });
  expect(grow).toBeLessThan(1);
});
