import { l4Frame, l4VnetFrame } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { BATCH_BAD_VNET, BATCH_NOT_WHOLE, BATCH_RUNT, BATCH_TOO_LONG, writeRecordHeader } from './batch.ts';
import { countVnetRecords, recordFrames, runBytes, VNET_SKIP } from './vnet.ts';

const plain = Uint8Array.of(...new Uint8Array(VNET_SKIP), ...l4Frame({ payload: new Uint8Array(100) }));
const superFrame = l4VnetFrame({ payload: new Uint8Array(3500) }, 1000);

function batch(...records: Uint8Array[]): Uint8Array {
  return Uint8Array.from(
    records.flatMap((record) => {
      const header = new Uint8Array(4);
      writeRecordHeader(header, 0, record.length);
      return [...header, ...record];
    }),
  );
}

test('a super-frame counts as the frames and bytes it would be on a wire', () => {
  const run = batch(plain, superFrame, plain);
  expect(countVnetRecords(run, 0, run.length)).toBe(1 + 4 + 1);
  const headers = superFrame.length - VNET_SKIP - 3500;
  const bytes = 2 * (plain.length - VNET_SKIP) + 3500 + 4 * headers;
  expect(runBytes(run, 0, run.length, 6, VNET_SKIP)).toBe(bytes);
  expect(recordFrames(run, 4 + plain.length, superFrame.length, VNET_SKIP)).toBe(4);
});

test('on a plain cable every record is one frame, and its bytes are its own', () => {
  const run = batch(plain, plain);
  expect(recordFrames(run, 0, plain.length, 0)).toBe(1);
  expect(runBytes(run, 0, run.length, 2, 0)).toBe(2 * plain.length);
});

test('hdr_len, of which Linux says too much, is made exact', () => {
  const run = batch(superFrame);
  run.set([0xff, 0xff], 4 + 2);
  expect(countVnetRecords(run, 0, run.length)).toBe(4);
  expect(run).toEqual(batch(superFrame));
});

// biome-ignore format: one case a line
test.each([
  ['a record shorter than header and frame',   batch(plain.slice(0, 23)),                    BATCH_RUNT],
  ['a record without its header',              batch(plain.slice(0, 9)),                     BATCH_RUNT],
  ['a record longer than any',                 batch(new Uint8Array(65_535 + 18 + 11)),      BATCH_TOO_LONG],
  ['a record that ends behind the message',    batch(plain, superFrame).slice(0, -1),        BATCH_NOT_WHOLE],
  ['bytes behind the last record',             Uint8Array.of(...batch(plain), 1, 2),         BATCH_NOT_WHOLE],
  ['nothing',                                  new Uint8Array(0),                            BATCH_NOT_WHOLE],
  ['a header that does not fit its frame',     batch(plain, superFrame.slice(0, 40)),        BATCH_BAD_VNET],
])('%s is no batch', (_name, run, verdict) => {
  expect(countVnetRecords(run, 0, run.length)).toBe(verdict);
});
