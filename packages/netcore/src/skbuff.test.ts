import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NetDevice } from './net-device.ts';
import { consumeSkb, SkbPool } from './skb-pool.ts';
import { NET_SKB_PAD, type SkBuff } from './skbuff.ts';

/** The plain model: headroom, the bytes of the frame, tailroom. */
interface Model {
  headroom: number;
  frame: number[];
  tailroom: number;
}

type Step = readonly ['reserve' | 'put' | 'push' | 'pull' | 'trim' | 'cow', number];

const STEP: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('reserve', 'put', 'push', 'pull', 'trim', 'cow'),
  fc.oneof(fc.nat(80), fc.nat(2500)),
);

const pattern = (n: number, from: number): number[] => Array.from({ length: n }, (_, i) => (from + i) & 0xff);

/** What the step must do to the model: 'panic' when it must throw, -1 when it must refuse. */
function expected(m: Model, [op, n]: Step): 'panic' | 'refused' | 'done' {
  switch (op) {
    case 'reserve':
      if (m.frame.length > 0 || n > m.tailroom) return 'panic';
      m.headroom += n;
      m.tailroom -= n;
      return 'done';
    case 'put':
      if (n > m.tailroom) return 'panic';
      m.frame.push(...pattern(n, 7));
      m.tailroom -= n;
      return 'done';
    case 'push':
      if (n > m.headroom) return 'panic';
      m.frame.unshift(...pattern(n, 100));
      m.headroom -= n;
      return 'done';
    case 'pull':
      if (n > m.frame.length) return 'refused';
      m.frame.splice(0, n);
      m.headroom += n;
      return 'done';
    case 'trim':
      m.tailroom += Math.max(0, m.frame.length - n);
      m.frame.length = Math.min(m.frame.length, n);
      return 'done';
    case 'cow':
      return 'done';
  }
}

function actual(skb: SkBuff, [op, n]: Step): 'panic' | 'refused' | 'done' {
  try {
    if (op === 'reserve') skb.reserve(n);
    if (op === 'put') skb.buf.set(pattern(n, 7), skb.put(n));
    if (op === 'push') skb.buf.set(pattern(n, 100), skb.push(n));
    if (op === 'pull') return skb.pull(n) < 0 ? 'refused' : 'done';
    if (op === 'trim') skb.trim(n);
    if (op === 'cow') return 'done';
    return 'done';
  } catch {
    return 'panic';
  }
}

const bytes = (skb: SkBuff): number[] => [...skb.buf.subarray(skb.data, skb.tail)];

test('every sequence of reserve, put, push, pull and trim leaves the geometry and the bytes of the model', () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 40 }), (steps) => {
      const skb = new SkbPool().alloc()!;
      const model: Model = { headroom: skb.headroom, frame: [], tailroom: skb.tailroom };
      for (const step of steps) {
        expect(actual(skb, step)).toBe(expected(model, step));
        expect([skb.headroom, skb.len, skb.tailroom]).toEqual([
          model.headroom,
          model.frame.length,
          model.tailroom,
        ]);
        expect(skb.head <= skb.data && skb.data <= skb.tail && skb.tail <= skb.end).toBe(true);
      }
      expect(bytes(skb)).toEqual(model.frame);
    }),
  );
});

test('copies, clones and cows hold the same frame; a written copy or cowed clone leaves the original alone', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1500 }), fc.nat(200), fc.nat(300), (frame, pulled, headroom) => {
      const pool = new SkbPool();
      const skb = pool.alloc()!;
      skb.buf.set(frame, skb.put(frame.length));
      skb.macHeader = skb.data;
      skb.pull(Math.min(pulled, skb.len));
      const before = bytes(skb);
      const copy = skb.copy()!;
      const clone = skb.clone()!;
      expect([bytes(copy), bytes(clone)]).toEqual([before, before]);
      expect(copy.data - copy.macHeader).toBe(skb.data - skb.macHeader);
      expect(clone.cow(headroom)).toBe(true);
      expect(clone.headroom).toBeGreaterThanOrEqual(headroom);
      expect([bytes(clone), clone.buf === skb.buf && clone.head === skb.head]).toEqual([before, false]);
      clone.buf.fill(0xee, clone.head, clone.end);
      copy.buf.fill(0xee, copy.head, copy.end);
      expect(bytes(skb)).toEqual(before);
      for (const s of [clone, skb, copy]) consumeSkb(s);
      expect(pool.inUse).toBe(0);
    }),
  );
});

test('an skb starts empty, with NET_SKB_PAD of headroom, and room for a full frame', () => {
  const skb = new SkbPool().alloc()!;
  expect([skb.len, skb.headroom, skb.tailroom >= 1518]).toEqual([0, NET_SKB_PAD, true]);
});

test('put beyond the end panics with the words of the kernel, and changes nothing', () => {
  const skb = new SkbPool().alloc()!;
  skb.put(100);
  skb.dev = { name: 'eth0' } as NetDevice;
  expect(() => skb.put(2000)).toThrow(
    'skb_over_panic: text:0000000000000000 len:2100 put:2000 head:0000000000000000 ' +
      'data:0000000000000040 tail:0x874 end:0x800 dev:eth0',
  );
  expect(skb.len).toBe(100);
});

test('push beyond the head panics with the words of the kernel, and changes nothing', () => {
  const skb = new SkbPool().alloc()!;
  expect(() => skb.push(65)).toThrow(
    'skb_under_panic: text:0000000000000000 len:65 put:65 head:0000000000000000 ' +
      'data:ffffffffffffffff tail:0x40 end:0x800 dev:<NULL>',
  );
  expect(skb.headroom).toBe(64);
});

test('pull of more than there is answers -1; trim never extends', () => {
  const skb = new SkbPool().alloc()!;
  skb.put(10);
  expect(skb.pull(11)).toBe(-1);
  skb.trim(20);
  expect(skb.len).toBe(10);
  expect(skb.pull(4)).toBe(NET_SKB_PAD + 4);
});
