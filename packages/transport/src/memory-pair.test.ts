import { expect, test } from 'vitest';
import { BATCH_TOO_LONG, countRecords } from './batch.ts';
import { numberedBatch, RecordingHandler, type Rig, transportContract } from './contract.ts';
import { createMemoryPair } from './memory-pair.ts';

class Turns {
  readonly #queue: (() => void)[] = [];
  readonly defer = (fn: () => void) => void this.#queue.push(fn);

  run(): void {
    for (let fn = this.#queue.shift(); fn !== undefined; fn = this.#queue.shift()) fn();
  }
}

function memoryRig(): Rig {
  const turns = new Turns();
  const [transport, farSide] = createMemoryPair(turns.defer);
  const heard: Rig['far']['heard'] = [];
  const record = new RecordingHandler();
  record.message = (buf, offset, length) =>
    void heard.push(new Uint8Array(buf.subarray(offset, offset + length)));
  record.control = (message) => void heard.push(message);
  farSide.handler = record;
  farSide.open();
  return {
    transport,
    far: {
      heard,
      send: (bytes) => void farSide.send(bytes, 0, bytes.length, 0),
      control: (message) => farSide.control(message),
      cut: () => {
        farSide.close();
        farSide.open();
      },
    },
    until: async (done, what) => {
      turns.run();
      if (!done()) throw new Error(`never: ${what}`);
    },
    dispose: async () => {},
  };
}

test.each(transportContract)('memory pair: %s', async (_name, run) => {
  await run(memoryRig());
});

test('bytes kept beyond the call without a copy are spoilt, so nobody does it unnoticed', () => {
  const turns = new Turns();
  const [a, b] = createMemoryPair(turns.defer);
  const kept: Uint8Array[] = [];
  const keeper = new RecordingHandler();
  keeper.message = (buf, offset, length) => void kept.push(buf.subarray(offset, offset + length));
  b.handler = keeper;
  a.open();
  b.open();
  turns.run();
  const batches = [numberedBatch(2, 60, 1), numberedBatch(2, 60, 3)];
  for (const batch of batches) a.send(batch, 0, batch.length, 0);
  turns.run();
  expect(kept.map((bytes) => countRecords(bytes, 0, bytes.length))).toEqual([BATCH_TOO_LONG, BATCH_TOO_LONG]);
  expect(kept[0]!.buffer).toBe(kept[1]!.buffer);
});

test('a batch that is not whole breaks the cable instead of arriving', () => {
  const turns = new Turns();
  const [a, b] = createMemoryPair(turns.defer);
  const [left, right] = [new RecordingHandler(), new RecordingHandler()];
  a.handler = left;
  b.handler = right;
  a.open();
  b.open();
  turns.run();
  a.send(new Uint8Array(10), 0, 10, 1);
  turns.run();
  expect(right.messages).toEqual([]);
  expect(left.log).toEqual(['up', 'sent 1', 'down', 'up']);
});
