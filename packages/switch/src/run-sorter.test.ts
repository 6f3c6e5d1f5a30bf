import { readRecordLength } from '@etherloom/transport';
import { describe, expect, it } from 'vitest';
import { RunSorter } from './run-sorter.ts';

const RECORD = 4 + 60;

/** Records of 60 bytes, each filled with its own number. */
function batchOf(count: number): Uint8Array {
  const buf = new Uint8Array(count * RECORD);
  const view = new DataView(buf.buffer);
  for (let k = 0; k < count; k++) {
    view.setUint32(k * RECORD, 60);
    buf.fill(k, k * RECORD + 4, (k + 1) * RECORD);
  }
  return buf;
}

/** By port, the numbers of its records in their order. */
function runsOf(sorter: RunSorter): Record<number, number[]> {
  const runs: Record<number, number[]> = {};
  for (let i = 0; i < sorter.ports; i++) {
    expect(sorter.bytes(i)).toBe(sorter.frames(i) * RECORD);
    runs[sorter.port(i)] = Array.from({ length: sorter.frames(i) }, (_, k) => {
      const at = sorter.at(i) + k * RECORD;
      expect(readRecordLength(sorter.buf, at)).toBe(60);
      return sorter.buf[at + RECORD - 1]!;
    });
  }
  return runs;
}

describe('RunSorter', () => {
  it('makes one run of the records of each port, in the order in which they came', () => {
    const sorter = new RunSorter();
    const batch = batchOf(7);
    [9, 2, 9, 1024, 2, 9, 9].forEach((port, k) => {
      sorter.add(port, k * RECORD, RECORD);
    });
    sorter.sort(batch);
    expect(runsOf(sorter)).toEqual({ 9: [0, 2, 5, 6], 2: [1, 4], 1024: [3] });
  });

  it('knows nothing of the last batch once it is cleared', () => {
    const sorter = new RunSorter();
    sorter.add(3, 0, RECORD);
    sorter.sort(batchOf(1));
    sorter.clear();
    expect(sorter.ports).toBe(0);
    sorter.add(3, RECORD, RECORD);
    sorter.add(4, 0, RECORD);
    sorter.sort(batchOf(2));
    expect(runsOf(sorter)).toEqual({ 3: [1], 4: [0] });
  });

  it('takes no more than it has room for: 1024 records, or one of any length', () => {
    const sorter = new RunSorter();
    expect(sorter.takes(65_000)).toBe(true);
    sorter.add(1, 0, 65_000);
    expect(sorter.takes(RECORD)).toBe(true);
    expect(sorter.takes(1000)).toBe(false);
    sorter.clear();
    for (let k = 0; k < 1024; k++) sorter.add(1, k, 20);
    expect(sorter.takes(20)).toBe(false);
  });
});
