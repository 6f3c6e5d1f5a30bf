/** The bytes of every rung: records `u32 length | frame` of one size, from a source's address to a sink's. */
import { ETH_P_BENCH, FCS, macOf } from '../traffic/flow.ts';

export const RECORD_HEADER = 4;
const BATCH = 64 << 10;

export interface Batch {
  readonly bytes: Buffer;
  readonly record: number;
  readonly frames: number;
}

/** As many frames of `size`, FCS counted, as 64 KiB hold; `single` one. */
export function batchOf(size: number, single: boolean): Batch {
  const length = size - FCS;
  const record = RECORD_HEADER + length;
  const frames = single ? 1 : Math.floor(BATCH / record);
  const bytes = Buffer.alloc(record * frames);
  const addresses = Buffer.from((macOf(2) + macOf(1)).replaceAll(':', '').match(/../g)!.join(''), 'hex');
  for (let at = 0; at < bytes.length; at += record) {
    bytes.writeUInt32BE(length, at);
    addresses.copy(bytes, at + RECORD_HEADER);
    bytes.writeUInt16BE(ETH_P_BENCH, at + RECORD_HEADER + 12);
  }
  return { bytes, record, frames };
}
