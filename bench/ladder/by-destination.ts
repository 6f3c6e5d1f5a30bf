import type { Buffer } from 'node:buffer';
import { RECORD_HEADER } from './batch.ts';

/** The records of a batch, header and all, by the last byte of their destination; in order, and not copied. */
export function byDestination(batch: Buffer): Map<number, Buffer[]> {
  const sorted = new Map<number, Buffer[]>();
  for (let at = 0; at < batch.length; ) {
    const next = at + RECORD_HEADER + batch.readUInt32BE(at);
    const no = batch[at + RECORD_HEADER + 5]!;
    const records = sorted.get(no);
    if (records === undefined) sorted.set(no, [batch.subarray(at, next)]);
    else records.push(batch.subarray(at, next));
    at = next;
  }
  return sorted;
}
