import { expect, test } from 'vitest';
import { EgressQueue, type EgressSink } from './egress-queue.ts';
import { batch, frameOf } from './testing.ts';

const LIMITS = { frames: 10, bytes: 2000, age: 1000, highWater: 100 };

/** A sink that takes all it is given and writes nothing until it is told to. */
class Tank implements EgressSink {
  pending = 0;
  open = true;
  readonly sent: number[] = [];
  readonly bufs: Uint8Array[] = [];

  send(buf: Uint8Array, _offset: number, length: number): boolean {
    if (!this.open) return false;
    this.bufs.push(buf);
    this.pending += length;
    this.sent.push(length);
    return true;
  }
}

function push(queue: EgressQueue, frames: number, length = 64, now = 0): void {
  const bytes = batch(Array.from({ length: frames }, () => frameOf(1, 2, length)));
  queue.push(bytes, 0, bytes.length, frames, now);
}

test('a run that does not fit whole is taken as far as it fits', () => {
  const queue = new EgressQueue(LIMITS);
  push(queue, 7);
  push(queue, 7);
  expect([queue.frames, queue.drops.toJSON()]).toEqual([10, { QUEUE_FRAMES: 4 }]);
});

test('bytes are bounded too', () => {
  const queue = new EgressQueue(LIMITS);
  push(queue, 3, 800);
  expect([queue.frames, queue.bytes, queue.drops.toJSON()]).toEqual([2, 1608, { QUEUE_BYTES: 1 }]);
});

test('messages wait while the sink has its fill, and go on from there', () => {
  const queue = new EgressQueue({ ...LIMITS, frames: 100, bytes: 1e6 });
  const tank = new Tank();
  for (let i = 0; i < 3; i++) {
    push(queue, 2);
    queue.seal();
  }
  queue.drain(tank, 0);
  expect([tank.sent, queue.frames]).toEqual([[136], 4]);
  tank.pending = 0;
  queue.drain(tank, 0);
  expect([tank.sent, queue.frames, queue.sent]).toEqual([[136, 136], 2, 4]);
});

test('what has waited longer than a second is dropped, not sent late', () => {
  const queue = new EgressQueue(LIMITS);
  const tank = new Tank();
  push(queue, 2, 64, 0);
  queue.seal();
  push(queue, 3, 64, 600);
  queue.seal();
  queue.drain(tank, 1001);
  expect([tank.sent, queue.drops.toJSON()]).toEqual([[204], { QUEUE_AGE: 2 }]);
});

test('a full queue makes room by dropping what is too old', () => {
  const queue = new EgressQueue(LIMITS);
  push(queue, 10, 64, 0);
  queue.seal();
  push(queue, 4, 64, 1500);
  expect([queue.frames, queue.drops.toJSON()]).toEqual([4, { QUEUE_AGE: 10 }]);
});

test('a sink that has closed takes nothing, and that is counted', () => {
  const queue = new EgressQueue(LIMITS);
  const tank = new Tank();
  tank.open = false;
  push(queue, 2);
  queue.seal();
  queue.drain(tank, 0);
  expect([queue.sent, queue.drops.toJSON()]).toEqual([0, { CARRIER_DOWN: 2 }]);
});

test('short runs share a message of at most 64 KiB, long ones are lent as they are', () => {
  const queue = new EgressQueue({ ...LIMITS, frames: 10_000, bytes: 1e6, highWater: 1e6 });
  const tank = new Tank();
  for (let i = 0; i < 20; i++) push(queue, 5, 1000);
  push(queue, 12, 1000);
  push(queue, 1, 1000);
  queue.seal();
  queue.drain(tank, 0);
  expect(tank.sent).toEqual([13 * 5 * 1004, 7 * 5 * 1004, 12 * 1004, 1004]);
});

test('a small part of a large message is copied, so that what waits holds no more than a multiple of its bytes', () => {
  const queue = new EgressQueue({ ...LIMITS, frames: 10_000, bytes: 1e6, highWater: 1e6 });
  const tank = new Tank();
  const large = batch(Array.from({ length: 1000 }, () => frameOf(1, 2, 1000)));
  queue.push(large, 1004, 9 * 1004, 9, 0);
  queue.push(large, 0, 100 * 1004, 100, 0);
  queue.push(large, 0, 500 * 1004, 500, 0);
  queue.seal();
  queue.drain(tank, 0);
  expect(tank.sent).toEqual([9 * 1004, 100 * 1004, 500 * 1004]);
  expect(tank.bufs.map((buf) => buf === large)).toEqual([false, false, true]);
});
