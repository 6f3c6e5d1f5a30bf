import { RingNic, testSkb, VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { devOpen } from './dev-flags.ts';
import * as reasons from './drop-reason.ts';
import { dropsByReason, SKB_DROP_REASON_MAX, skbDropReasonName } from './drop-reason.ts';
import { Net } from './net.ts';
import { netifReceiveSkb } from './receive.ts';
import { consumeSkb } from './skb-pool.ts';

const CONSTANTS = Object.entries(reasons).filter(
  ([name, value]) =>
    name.startsWith('SKB_DROP_REASON_') && name !== 'SKB_DROP_REASON_MAX' && Number.isInteger(value),
);

test.each(CONSTANTS)('%s is the number of that name', (name, value) => {
  expect(`SKB_DROP_REASON_${skbDropReasonName(value as number)}`).toBe(name);
});

test('no two reasons share a number, and each has a counter', () => {
  const numbers = CONSTANTS.map(([, value]) => value as number);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(Math.max(...numbers)).toBeLessThan(SKB_DROP_REASON_MAX);
});

test('a table of drops is told by name, what never happened left out', () => {
  const drops = new Float64Array(SKB_DROP_REASON_MAX);
  drops[reasons.SKB_DROP_REASON_PKT_TOO_BIG] = 3;
  expect(dropsByReason(drops)).toEqual({ PKT_TOO_BIG: 3 });
  expect(skbDropReasonName(9999)).toBe('UNKNOWN_9999');
});

test('a second handler of a protocol that there is no clone for misses the frame, for NOMEM', () => {
  const net = new Net(new VirtualHost(), { pool: { heads: 0 } });
  const { dev } = new RingNic(net);
  devOpen(dev);
  const got: string[] = [];
  for (const name of ['first', 'last']) {
    net.devAddPack(0x88b5, (skb) => {
      got.push(name);
      consumeSkb(skb);
    });
  }
  const skb = testSkb(dev);
  skb.protocol = 0x88b5;
  netifReceiveSkb(skb);
  expect([got, dropsByReason(dev.drops), dev.pool.inUse]).toEqual([['last'], { NOMEM: 1 }, 0]);
});
