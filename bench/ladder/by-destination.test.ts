import { expect, test } from 'vitest';
import { RECORD_HEADER } from './batch.ts';
import { byDestination } from './by-destination.ts';
import { meshBatch } from './mesh-batch.ts';

test('a batch of the mesh holds frames to every other in turn, and each destination gets its own, none lost', () => {
  const { bytes, record, frames } = meshBatch(3, 16);
  const sorted = byDestination(bytes);
  const others = Array.from({ length: 16 }, (_, i) => i + 1).filter((no) => no !== 3);
  expect([...sorted.keys()]).toEqual(others);
  for (const [no, records] of sorted)
    for (const one of records) {
      expect(one.length).toBe(record);
      expect([one[RECORD_HEADER + 5], one[RECORD_HEADER + 11]]).toEqual([no, 3]);
    }
  const all = [...sorted.values()].flat();
  expect(all.length).toBe(frames);
  expect(all.reduce((sum, { length }) => sum + length, 0)).toBe(bytes.length);
});
