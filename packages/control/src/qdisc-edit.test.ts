import type { Qdisc } from '@etherloom/schema';
import { expect, test } from 'vitest';
import { patchedQdisc } from './qdisc-edit.ts';

const COUNTERS = { bytes: 0, packets: 0, drops: 0, overlimits: 0, requeues: 0, backlog: 0, qlen: 0 };
const shown = (kind: string, handle: string, options: Qdisc['options']): Qdisc[] => [
  { kind, handle, dev: 'eth0', root: true, options, ...COUNTERS },
];

test('options in force stay where a patch does not name them', () => {
  const request = patchedQdisc('eth0', shown('tbf', '1:', { rate: 1000, burst: 2000, limit: 3000 }), {
    options: { rate: 9000 },
  });
  expect(request).toMatchObject({ kind: 'tbf', handle: '1:', parent: 'root', mode: 'change' });
  expect(request.options).toMatchObject({ rate: 9000, burst: 2000, limit: 3000 });
});

test('a patch of another kind takes none of the options of the one that is there', () => {
  const request = patchedQdisc('eth0', shown('tbf', '1:', { rate: 1000, burst: 2000, limit: 3000 }), {
    kind: 'pfifo',
    options: {},
  });
  expect(request.options).not.toHaveProperty('rate');
  expect(request.options).not.toMatchObject({ limit: 3000 });
});

test('the handle of a default, which nobody gave, is not asked for', () => {
  const request = patchedQdisc('eth0', shown('pfifo_fast', '0:', {}), { kind: 'pfifo', options: {} });
  expect(request).not.toHaveProperty('handle');
});
