import { expect, test } from 'vitest';
import { mergeSeen } from './trace-merge.ts';

const seen = (id: string, at: number) => ({
  status: 'fulfilled' as const,
  value: {
    frames: [{ id, summary: id, length: 60 }],
    events: [{ id, at, place: 'link_take', where: 'cable' }],
    lost: 1,
    machine: 'm',
    wall: 0,
  },
});

test('what several workers saw is one: a frame that two saw is one frame with the events of both', () => {
  const failed = { status: 'rejected' as const, reason: new Error('this worker began after the trace') };
  const merged = mergeSeen([seen('a', 1), seen('a', 2), seen('b', 3), failed]);
  expect(merged.frames.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(merged.events.map(({ at }) => at)).toEqual([1, 2, 3]);
  expect(merged.lost).toBe(3);
});

test('when no worker knows the trace, the first one says why', () => {
  const reason = new Error('there is no trace t1 here');
  expect(() => mergeSeen([{ status: 'rejected', reason }])).toThrow('there is no trace t1 here');
});
