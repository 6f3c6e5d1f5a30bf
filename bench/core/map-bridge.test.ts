import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { bridgeLoad, introduce, STRIDE } from './bridge-load.ts';
import { DROPS, FLOODS, KEYS, MapBridge } from './map-bridge.ts';

/** Frames between stations 1, 2 and 9 behind each other: `to` and `from` as the last byte of an address. */
const frame = (to: number, from: number) => Buffer.from([2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from]);

describe.each(Object.entries(KEYS))('the plain bridge with a %s as key', (_key, keyOf) => {
  const make = () => new MapBridge<string | number>(keyOf);

  test('answers the whole load as ours does', () => {
    const load = bridgeLoad(10, 105, 20);
    const plain = make();
    introduce(load, (from, bytes) => plain.decide(from.no, Buffer.from(bytes), 0, 0));
    const frames = Buffer.from(load.frames.buffer);
    for (let k = 0; k < load.expected.length; k++) {
      const from = load.ports[Math.floor(k / load.perPort)]!.no;
      expect(plain.decide(from, frames, k * STRIDE, 0)).toBe(load.expected[k]);
    }
  });

  test('floods what it does not know and what it has not heard for 300 s, and follows who moves', () => {
    const plain = make();
    expect(plain.decide(1, frame(9, 1), 0, 0)).toBe(FLOODS);
    expect(plain.decide(2, frame(1, 9), 0, 0)).toBe(1);
    expect(plain.decide(3, frame(9, 1), 0, 1)).toBe(2);
    expect(plain.decide(2, frame(1, 9), 0, 300_000)).toBe(3);
    expect(plain.decide(2, frame(1, 9), 0, 300_001)).toBe(FLOODS);
  });

  test('drops what would go back and what a group has sent; a group hears by a flood', () => {
    const plain = make();
    plain.decide(1, frame(9, 1), 0, 0);
    expect(plain.decide(1, frame(1, 2), 0, 0)).toBe(DROPS);
    expect(plain.decide(1, Buffer.from([2, 0, 0, 0, 0, 1, 3, 0, 0, 0, 0, 1]), 0, 0)).toBe(DROPS);
    expect(plain.decide(1, Buffer.from([3, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 1]), 0, 0)).toBe(FLOODS);
  });
});
