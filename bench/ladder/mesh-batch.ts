import { ETH_P_BENCH, FCS, macOf } from '../traffic/flow.ts';
import { type Batch, RECORD_HEADER } from './batch.ts';

const BATCH = 64 << 10;
const SIZE = 64;
const macBytes = (no: number) => Buffer.from(macOf(no).replaceAll(':', ''), 'hex');

/** Frames of 64 bytes from client `no` to every other of `clients` in turn, as many as 64 KiB hold in whole rounds. */
export function meshBatch(no: number, clients: number): Batch {
  const length = SIZE - FCS;
  const record = RECORD_HEADER + length;
  const others = Array.from({ length: clients }, (_, i) => i + 1).filter((other) => other !== no);
  const frames = others.length * Math.floor(BATCH / record / others.length);
  const bytes = Buffer.alloc(record * frames);
  for (let k = 0; k < frames; k++) {
    const at = k * record;
    bytes.writeUInt32BE(length, at);
    Buffer.concat([macBytes(others[k % others.length]!), macBytes(no)]).copy(bytes, at + RECORD_HEADER);
    bytes.writeUInt16BE(ETH_P_BENCH, at + RECORD_HEADER + 12);
  }
  return { bytes, record, frames };
}
