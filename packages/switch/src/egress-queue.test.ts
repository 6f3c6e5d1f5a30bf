import { heapPerCall } from '@etherloom/testkit';
import { readRecordLength } from '@etherloom/transport';
import { expect, test } from 'vitest';
import { BlockPool } from './block-pool.ts';
import { type EgressLimits, EgressQueue, type EgressSink } from './egress-queue.ts';
import { batch, frameOf, noOf } from './testing.ts';

const LIMITS = { frames: 10, bytes: 2000, age: 1000, highWater: 100 };

/** A sink that takes all it is given and writes nothing until it is told to. */
class Tank implements EgressSink {
  pending = 0;
  open = true;
  readonly sent: number[] = [];
  readonly blocks: number[] = [];
  readonly frames: Uint8Array[] = [];

  send(buf: Uint8Array, offset: number, length: number, block: number): boolean {
    if (!this.open) return false;
    this.blocks.push(block);
    this.pending += length;
    this.sent.push(length);
    for (let at = offset; at < offset + length; ) {
      const frame = readRecordLength(buf, at);
      this.frames.push(buf.slice(at + 4, at + 4 + frame));
      at += 4 + frame;
    }
    return true;
  }
}

function create(limits: EgressLimits = LIMITS) {
  const pool = new BlockPool();
  return { pool, queue: new EgressQueue(pool, limits), tank: new Tank() };
}

function push(queue: EgressQueue, frames: number, length = 64, now = 0): void {
  const bytes = batch(Array.from({ length: frames }, () => frameOf(1, 2, length)));
  queue.push(bytes, 0, bytes.length, frames, now);
  bytes.fill(0xdb); // they were lent for the call
}

test('a run that does not fit whole is taken as far as it fits', () => {
  const { queue } = create();
  push(queue, 7);
  push(queue, 7);
  expect([queue.frames, queue.drops.toJSON()]).toEqual([10, { QUEUE_FRAMES: 4 }]);
});

test('bytes are bounded too', () => {
  const { queue } = create();
  push(queue, 3, 800);
  expect([queue.frames, queue.bytes, queue.drops.toJSON()]).toEqual([2, 1608, { QUEUE_BYTES: 1 }]);
});

test('messages wait while the sink has its fill, and go on from there', () => {
  const { queue, tank } = create({ ...LIMITS, frames: 100, bytes: 1e6 });
  push(queue, 2, 64);
  queue.seal();
  queue.drain(tank, 0);
  for (let i = 0; i < 3; i++) {
    push(queue, 2, 64, i);
    queue.seal();
    queue.drain(tank, i);
  }
  expect([tank.sent, queue.frames]).toEqual([[136], 6]);
  tank.pending = 0;
  queue.drain(tank, 3);
  expect([tank.sent, queue.frames, queue.sent]).toEqual([[136, 408], 0, 8]);
});

test('what comes in a turn waits for its end, although the sink has room', () => {
  const { queue, tank } = create();
  push(queue, 2);
  queue.drain(tank, 0);
  expect(tank.sent).toEqual([]);
  queue.seal();
  queue.drain(tank, 0);
  expect(tank.sent).toEqual([136]);
});

test('what has waited longer than a second is dropped, not sent late', () => {
  const { queue, tank } = create();
  push(queue, 2, 64, 0);
  queue.seal();
  push(queue, 3, 64, 600);
  queue.seal();
  queue.drain(tank, 1001);
  expect([tank.sent, queue.drops.toJSON()]).toEqual([[204], { QUEUE_AGE: 2 }]);
});

test('a full queue makes room by dropping what is too old', () => {
  const { queue } = create();
  push(queue, 10, 64, 0);
  queue.seal();
  push(queue, 4, 64, 1500);
  expect([queue.frames, queue.drops.toJSON()]).toEqual([4, { QUEUE_AGE: 10 }]);
});

test('a sink that has closed takes nothing, and that is counted', () => {
  const { queue, tank } = create();
  tank.open = false;
  push(queue, 2);
  queue.seal();
  queue.drain(tank, 0);
  expect([queue.sent, queue.drops.toJSON()]).toEqual([0, { CARRIER_DOWN: 2 }]);
});

test('runs of any length share messages of up to 64 KiB, in order and whole; a longer record travels alone', () => {
  const { queue, tank } = create({ ...LIMITS, frames: 10_000, bytes: 4e6, highWater: 4e6 });
  let no = 0;
  const run = (frames: number, length: number) => {
    const bytes = batch(Array.from({ length: frames }, () => frameOf(1, 2, length, no++)));
    queue.push(bytes, 0, bytes.length, frames, 0);
    bytes.fill(0xdb);
  };
  run(1, 60);
  for (let i = 0; i < 20; i++) run(5, 1000);
  run(300, 1000);
  run(1, 65_553);
  for (let i = 0; i < 2000; i++) run(1, 60);
  queue.seal();
  queue.drain(tank, 0);
  expect(Math.max(...tank.sent.filter((length) => length !== 65_557))).toBeLessThanOrEqual(65_536);
  expect(tank.sent.filter((length) => length === 65_557)).toHaveLength(1);
  expect(tank.sent.length).toBeLessThanOrEqual(11);
  expect(tank.frames.map(noOf)).toEqual(Array.from({ length: no }, (_, i) => i));
});

test('blocks are held only while something waits in them or is being written', () => {
  const { queue, tank, pool } = create({ ...LIMITS, frames: 10_000, bytes: 1e6, highWater: 1e6 });
  expect(pool.used).toBe(0);
  for (let i = 0; i < 100; i++) push(queue, 1);
  push(queue, 200, 1000);
  queue.seal();
  queue.drain(tank, 0);
  expect(pool.used).toBe(tank.blocks.length);
  for (const block of tank.blocks) pool.give(block);
  push(queue, 200, 1000);
  queue.clear();
  expect(pool.used).toBe(0);
});

test('what trickles into a full queue is held in few blocks', () => {
  const { queue, tank, pool } = create({ ...LIMITS, frames: 10_000, bytes: 1e6 });
  tank.pending = 1000;
  for (let ms = 0; ms < 900; ms++) {
    push(queue, 1, 64, ms);
    queue.seal();
    queue.drain(tank, ms);
  }
  expect([queue.frames, pool.used]).toEqual([900, 8]);
});

test('interleaved runs are copied without an allocation a run', () => {
  const { queue, tank, pool } = create({ ...LIMITS, frames: 10_000, bytes: 1e6, highWater: 1e9 });
  const bytes = batch([frameOf(1, 2)]);
  let due = 0;
  const pushOne = () => {
    queue.push(bytes, 0, bytes.length, 1, 0);
    if (++due % 500 !== 0) return;
    queue.seal();
    queue.drain(tank, 0);
    for (const block of tank.blocks.splice(0)) pool.give(block);
    tank.frames.length = 0;
    tank.sent.length = 0;
  };
  tank.send = (_buf, _offset, _length, block) => tank.blocks.push(block) > 0;
  expect(heapPerCall(pushOne)).toBeLessThan(1);
});
