import { expect, test } from 'vitest';
import { effectiveImpair, type Link, mergeLink, resolveLink } from './link.ts';

const cable = (forward: object = {}) =>
  resolveLink('lab', { endpoints: ['h1:eth0', 'lan:office'], impair: { forward } });

const limitOf = (link: Link) => effectiveImpair(link.impair).forward.limit;

test('a direction holds 1000 frames where a rate is set and 100,000 where none is', () => {
  expect(limitOf(cable())).toBe(100_000);
  expect(limitOf(cable({ delay: 0.01 }))).toBe(100_000);
  expect(limitOf(cable({ delay: 0.01, rate: 20e6 }))).toBe(1000);
});

test('the limit follows a rate that is set later, and one that is taken away again', () => {
  const rated = mergeLink(cable({ delay: 0.01 }), { impair: { forward: { rate: 20e6 } } });
  expect(limitOf(rated)).toBe(1000);
  expect(limitOf(mergeLink(rated, { impair: { forward: { rate: 0 } } }))).toBe(100_000);
});

test('a limit that was named stays, whatever the rate, until it is set to 0', () => {
  const named = mergeLink(cable({ limit: 1000, rate: 20e6 }), { impair: { forward: { rate: 0 } } });
  expect(limitOf(named)).toBe(1000);
  expect(limitOf(mergeLink(named, { impair: { forward: { limit: 0 } } }))).toBe(100_000);
});
