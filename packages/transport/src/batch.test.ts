import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BATCH_NOT_WHOLE,
  BATCH_RUNT,
  BATCH_TOO_LONG,
  batchErrorText,
  countRecords,
  MAX_BATCH,
  MAX_FRAME,
  readRecordLength,
  writeRecordHeader,
} from './batch.ts';
import { BatchWriter } from './batch-writer.ts';

/** The plain model: frames to bytes and back, by the book and slowly. */
const model = {
  encode: (frames: Uint8Array[]): number[] =>
    frames.flatMap((f) => [0, f.length >> 16, (f.length >> 8) & 255, f.length & 255, ...f]),
  decode(bytes: number[]): number[][] | null {
    if (bytes.length === 0) return [];
    if (bytes.length < 4) return null;
    const length = bytes.slice(0, 4).reduce((sum, byte) => sum * 256 + byte, 0);
    if (length < 14 || length > 65535 + 18 || bytes.length < 4 + length) return null;
    const rest = model.decode(bytes.slice(4 + length));
    return rest === null ? null : [bytes.slice(4, 4 + length), ...rest];
  },
};

function decode(buf: Uint8Array): number[][] {
  const frames: number[][] = [];
  for (let at = 0; at < buf.length; ) {
    const length = readRecordLength(buf, at);
    frames.push([...buf.subarray(at + 4, at + 4 + length)]);
    at += 4 + length;
  }
  return frames;
}

const frame = fc.uint8Array({ minLength: 14, maxLength: 120 });
/** Bytes near enough to a batch to reach every verdict: record headers with odd lengths, cut anywhere. */
const nearlyBatch = fc
  .tuple(fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }))), fc.nat(8))
  .map(([records, cut]) => {
    const bytes = records.flatMap(([said, real]) => [0, 0, 0, said, ...new Array<number>(real).fill(1)]);
    return Uint8Array.from(bytes.slice(0, Math.max(0, bytes.length - cut)));
  });

test('what the writer wrote is what the model writes, and reads back frame by frame', () => {
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 30 }), (frames) => {
      const writer = new BatchWriter();
      for (const f of frames) expect(writer.append(f, 0, f.length)).toBe(true);
      const bytes = writer.buf.slice(0, writer.length);
      expect([...bytes]).toEqual(model.encode(frames));
      expect(countRecords(bytes, 0, bytes.length)).toBe(frames.length);
      expect(decode(bytes)).toEqual(frames.map((f) => [...f]));
    }),
  );
});

test('countRecords accepts exactly what the model can decode, at any offset', () => {
  fc.assert(
    fc.property(nearlyBatch, fc.nat(9), (bytes, offset) => {
      const padded = new Uint8Array(bytes.length + offset + 5).fill(255);
      padded.set(bytes, offset);
      const want = bytes.length === 0 ? null : model.decode([...bytes]);
      const got = countRecords(padded, offset, bytes.length);
      if (want === null) expect(got).toBeLessThan(0);
      else expect(got).toBe(want.length);
    }),
    { numRuns: 1000 },
  );
});

// biome-ignore format: one case a line
test.each([
  ['an empty message',                    [],                                    BATCH_NOT_WHOLE],
  ['half a header',                       [0, 0],                                BATCH_NOT_WHOLE],
  ['a record that ends beyond the message', [0, 0, 0, 20, 1, 2, 3],              BATCH_NOT_WHOLE],
  ['a good record and one byte',          [0, 0, 0, 14, ...Array(14).fill(1), 0], BATCH_NOT_WHOLE],
  ['a record of 13 bytes',                [0, 0, 0, 13, ...Array(13).fill(1)],   BATCH_RUNT],
  ['a record of 0 bytes',                 [0, 0, 0, 0],                          BATCH_RUNT],
  ['a record of 65554 bytes',             [0, 1, 0, 18],                         BATCH_TOO_LONG],
  ['a length with the top bit set',       [255, 255, 255, 255],                  BATCH_TOO_LONG],
])('%s is refused with its own verdict', (_name, bytes, verdict) => {
  expect(countRecords(Uint8Array.from(bytes as number[]), 0, bytes.length)).toBe(verdict);
  expect(batchErrorText(verdict)).not.toBe('not a batch');
});

test('the longest frame travels alone, and nothing joins it', () => {
  const writer = new BatchWriter();
  expect(writer.append(new Uint8Array(MAX_FRAME), 0, MAX_FRAME)).toBe(true);
  expect(writer.append(new Uint8Array(60), 0, 60)).toBe(false);
  expect(countRecords(writer.buf, 0, writer.length)).toBe(1);
  expect(() => writer.append(new Uint8Array(MAX_FRAME + 1), 0, MAX_FRAME + 1)).toThrow('65554');
});

test('a batch ends at its limit and is as good as new after reset', () => {
  const writer = new BatchWriter();
  const small = new Uint8Array(60);
  let frames = 0;
  while (writer.append(small, 0, 60)) frames++;
  expect(frames).toBe(Math.floor(MAX_BATCH / 64));
  writer.reset();
  expect(writer.append(small, 0, 60)).toBe(true);
  expect(writer.frames).toBe(1);
});

test('record lengths survive all four bytes', () => {
  const buf = new Uint8Array(4);
  for (const n of [0, 14, 255, 256, 65553, 0x01020304, 0xffffffff]) {
    writeRecordHeader(buf, 0, n);
    expect(readRecordLength(buf, 0)).toBe(n);
  }
});

test('a frame appended with a view over its bytes is the same record', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i * 7);
  for (const length of [14, 60, 61, 128, 129, 200]) {
    const plain = new BatchWriter();
    const viewed = new BatchWriter();
    plain.append(bytes, 5, length);
    viewed.append(bytes, 5, length, new DataView(bytes.buffer));
    expect(viewed.buf.subarray(0, viewed.length)).toEqual(plain.buf.subarray(0, plain.length));
  }
});
