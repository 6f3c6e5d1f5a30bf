import { describe, expect, test } from 'vitest';
import { IMIX, macOf, templates } from './flow.ts';
import { sinceStamp, stampOf } from './monotonic.ts';
import { accountOf, type Totals } from './totals.ts';

const own = Uint8Array.of(2, 0, 0, 0, 0, 9);

describe('flows', () => {
  test('a size counts the FCS, which no frame here carries', () => {
    const [frame] = templates({ dsts: [macOf(1)], sizes: [64], rate: null }, own);
    expect(frame).toHaveLength(60);
    expect([...frame!.subarray(0, 14)]).toEqual([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x88, 0xb5]);
  });

  test('destinations, sources and sizes take turns until they repeat', () => {
    const frames = templates(
      { dsts: [macOf(1), macOf(2), macOf(3)], srcs: [macOf(7)], sizes: [64], rate: null },
      own,
    );
    expect(frames.map((frame) => frame[5])).toEqual([1, 2, 3]);
    expect(frames.map((frame) => frame[11])).toEqual([7, 7, 7]);
  });

  test('the common mix is 7 : 4 : 1', () => {
    const count = (size: number) => IMIX.filter((one) => one === size).length;
    expect([count(64), count(570), count(1518)]).toEqual([7, 4, 1]);
  });
});

describe('stamps', () => {
  test('tell microseconds, also when 32 bits have run over in between', () => {
    const wrap = 2 ** 32 / 1000;
    expect(sinceStamp(stampOf(5), 7)).toBe(2000);
    expect(sinceStamp(stampOf(wrap - 1), wrap + 1)).toBe(2000);
  });

  test('are never 0, which means that a frame has none', () => {
    expect(stampOf(0)).toBe(1);
  });

  test('a clock that seems to run backwards is a delay of 1', () => {
    expect(sinceStamp(stampOf(7), 5)).toBe(1);
  });
});

describe('accounts', () => {
  const totals = (sent: number, received: number, dropsIn = {}, dropsOut = {}): Totals => ({
    sent,
    received,
    held: 0,
    dropsIn,
    dropsOut,
  });

  test('are of what happened in between', () => {
    const before = totals(10, 9, {}, { 'switch FULL': 1 });
    const after = totals(30, 27, {}, { 'switch FULL': 3 });
    expect(accountOf('x', before, after)).toEqual({
      what: 'x',
      expected: 20,
      received: 18,
      held: 0,
      drops: { 'switch FULL': 2 },
    });
  });

  test('a broadcast that died on its way in is as many copies that were not made', () => {
    const after = totals(10, 27, { 'switch RUNT': 1 }, {});
    const { expected, drops } = accountOf('x', totals(0, 0), after, 3);
    expect({ expected, drops }).toEqual({ expected: 30, drops: { 'switch RUNT': 3 } });
  });
});
