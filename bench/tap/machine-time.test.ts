import { expect, test } from 'vitest';
import { parseMachineTime } from './machine-time.ts';

test('busy is neither idle, nor waiting for a disk, nor stolen; guests are not counted twice', () => {
  const text = 'cpu  100 20 30 400 50 6 7 80 90 10\ncpu0 1 1 1 1 1 1 1 1 0 0\n';
  expect(parseMachineTime(text, 100)).toEqual({ total: 6.93, busy: 1.63, steal: 0.8 });
});

test('a text without the line of all cores is refused', () => {
  expect(() => parseMachineTime('cpu0 1 1 1 1 1 1 1 1 0 0\n', 100)).toThrow('no line of all cores');
});
