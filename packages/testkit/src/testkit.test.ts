import { mulberry32 } from '@etherloom/netcore';
import { describe, expect, test } from 'vitest';
import { ethernetFrame, heapPerCall, mac, VirtualHost } from './index.ts';

describe('the heap guard bites', () => {
  const buf = new Uint8Array(2048);
  let kept: unknown;

  test('a view per call is seen', () => {
    const makeView = () => {
      kept = buf.subarray(4, 64);
    };
    const grow = heapPerCall(makeView, { rounds: 5, patience: 0 });
    expect([grow > 8, kept !== undefined]).toEqual([true, true]);
  });

  test('a byte copy is not', () => {
    const grow = heapPerCall(() => {
      for (let i = 0; i < 60; i++) buf[100 + i] = buf[i]!;
    });
    expect(grow).toBeLessThan(1);
  });
});

test('timers run in order of time, then of setting, and see their own time', () => {
  const host = new VirtualHost();
  const ran: string[] = [];
  const set = (name: string, ms: number) => host.setTimer(() => ran.push(`${name}@${host.now()}`), ms);
  set('c', 20);
  set('a', 10);
  const never = set('x', 5);
  set('b', 10);
  host.clearTimer(never);
  host.advance(15);
  expect(ran).toEqual(['a@10', 'b@10']);
  host.advance(5);
  expect([ran.at(-1), host.now(), host.pendingTimers]).toEqual(['c@20', 20, 0]);
});

test('what a turn asks for runs in the next turn', () => {
  const host = new VirtualHost();
  const ran: string[] = [];
  host.endOfTurn(() => {
    ran.push('first');
    host.endOfTurn(() => ran.push('second'));
  });
  host.runTurn();
  expect(ran).toEqual(['first']);
  host.runTurn();
  expect(ran).toEqual(['first', 'second']);
  expect(host.runTurn()).toBe(false);
});

test('the same seed gives the same dice', () => {
  const roll = (seed: number) => Array.from({ length: 5 }, mulberry32(seed));
  expect(roll(7)).toEqual(roll(7));
  expect(roll(7)).not.toEqual(roll(8));
});

test('a frame has its addresses, type and length', () => {
  const frame = ethernetFrame({ dst: mac(2), src: mac(1), type: 0x806, length: 64 });
  expect([...frame.subarray(0, 15)]).toEqual([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 6, 0]);
  expect(frame.length).toBe(64);
});
