import { expect, test } from 'vitest';
import { BulkMeter } from './bulk-meter.ts';

/** Moves `bytes` each millisecond until there were so many pieces; what was said at each change, in order. */
function move(meter: BulkMeter, clock: { now: number }, bytes: number, pieces: number): boolean[] {
  const said: boolean[] = [];
  for (let i = 0; i < pieces; i++) {
    clock.now++;
    if (meter.add(bytes)) said.push(meter.bulk);
  }
  return said;
}

test('64 KiB a millisecond is bulk after the first MiB, and one ping each 10 ms is not', () => {
  const clock = { now: 0 };
  const meter = new BulkMeter(() => clock.now);
  expect(move(meter, clock, 65_536, 15)).toEqual([]);
  expect(move(meter, clock, 65_536, 100)).toEqual([true]);
  expect(move(meter, clock, 98, 2000)).toEqual([false]);
  expect(move(meter, clock, 98, 2000)).toEqual([]);
});

test('what moves 8 MB a second in small pieces is no bulk, what moves 32 is', () => {
  const clock = { now: 0 };
  const meter = new BulkMeter(() => clock.now);
  expect(move(meter, clock, 8000, 1000)).toEqual([]);
  expect(move(meter, clock, 32_000, 1000)).toEqual([true]);
});

test('bytes that nothing followed for an hour are judged by that hour', () => {
  const clock = { now: 0 };
  const meter = new BulkMeter(() => clock.now);
  expect(move(meter, clock, 65_536, 40)).toEqual([true]);
  clock.now += 3_600_000;
  expect(move(meter, clock, 65_536, 8)).toEqual([false]);
});
