import { expect, test } from 'vitest';
import { RecordingHandler, type Rig, transportContract } from './contract.ts';
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
  record.message = (buf, offset, length) => void heard.push(buf.subarray(offset, offset + length));
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
