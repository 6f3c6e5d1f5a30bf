/** What tracepoints need: somebody to tell, and a run taken apart. */
import type { TraceEvent } from '@etherloom/netcore';
import { RECORD_HEADER, readRecordLength, recordFrames } from '@etherloom/transport';

export interface TraceNotes {
  /** Of the frame in the record at buf[at]: the events, one a trace that follows it, to be completed. */
  note(
    buf: Uint8Array,
    at: number,
    skip: number,
    place: string,
    where: string,
    verdict?: string,
    reason?: string,
  ): TraceEvent[];
}

/** One record of a run. */
export type EachRecord = (at: number, length: number, frames: number) => void;

/** Calls `fn` with each record of a run by itself. */
export function eachRecord(
  buf: Uint8Array,
  start: number,
  length: number,
  skip: number,
  fn: EachRecord,
): void {
  const end = start + length;
  for (let at = start; at < end; ) {
    const record = readRecordLength(buf, at);
    fn(at, RECORD_HEADER + record, recordFrames(buf, at, record, skip));
    at += RECORD_HEADER + record;
  }
}
