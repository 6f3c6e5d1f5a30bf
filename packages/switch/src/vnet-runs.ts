/**
 * Where the two kinds of cable meet: runs of super-frames become runs of the frames they are made of, and frames get a
 * virtio_net_hdr that asks for nothing. What comes out is lent for the call, from memory that all ports share.
 */
import { copyBytes, putVnetNone, VNET_FLAGS, VNET_GSO_TYPE } from '@etherloom/frame';
import { GsoSegmenter } from '@etherloom/netcore';
import {
  MAX_BATCH,
  MAX_MESSAGE,
  RECORD_HEADER,
  readRecordLength,
  VNET_SKIP,
  writeRecordHeader,
} from '@etherloom/transport';
import type { RunSink } from './run-sink.ts';

const scratch = new Uint8Array(MAX_BATCH + MAX_MESSAGE);
const segmenter = new GsoSegmenter();
/** What is in `scratch`. Empty whenever a sink is called, which may bring other runs here. */
let length = 0;
let frames = 0;

/** Hands `to` the run of buf[start, start + bytes), cut and with whole checksums. */
export function cutRun(buf: Uint8Array, start: number, bytes: number, now: number, to: RunSink): void {
  const end = start + bytes;
  for (let at = start; at < end; ) {
    const frame = readRecordLength(buf, at) - VNET_SKIP;
    const header = at + RECORD_HEADER;
    at = header + VNET_SKIP + frame;
    if ((buf[header + VNET_FLAGS]! | buf[header + VNET_GSO_TYPE]!) === 0) {
      makeRoom(frame, now, to, 0);
      copyBytes(buf, header + VNET_SKIP, scratch, putRecord(frame, 0), frame);
    } else cutRecord(buf, header, frame, now, to);
  }
  flush(now, to, 0);
}

/** Hands `to` the run of buf[start, start + bytes) with a header before each frame. */
export function wrapRun(buf: Uint8Array, start: number, bytes: number, now: number, to: RunSink): void {
  const end = start + bytes;
  for (let at = start; at < end; ) {
    const frame = readRecordLength(buf, at);
    makeRoom(frame, now, to, VNET_SKIP);
    const into = putRecord(frame, VNET_SKIP);
    putVnetNone(scratch, into - VNET_SKIP);
    copyBytes(buf, at + RECORD_HEADER, scratch, into, frame);
    at += RECORD_HEADER + frame;
  }
  flush(now, to, VNET_SKIP);
}

function cutRecord(buf: Uint8Array, header: number, frame: number, now: number, to: RunSink): void {
  segmenter.loadRecord(buf, header, frame);
  while (segmenter.left > 0) {
    const segment = segmenter.nextLength;
    makeRoom(segment, now, to, 0);
    segmenter.emit(scratch, putRecord(segment, 0));
  }
}

/** A run that is longer than a batch ends before this frame. */
function makeRoom(frame: number, now: number, to: RunSink, skip: number): void {
  if (length > 0 && length + RECORD_HEADER + skip + frame > MAX_BATCH) flush(now, to, skip);
}

/** Returns where the frame goes. */
function putRecord(frame: number, skip: number): number {
  writeRecordHeader(scratch, length, skip + frame);
  const at = length + RECORD_HEADER + skip;
  length = at + frame;
  frames++;
  return at;
}

function flush(now: number, to: RunSink, skip: number): void {
  const bytes = length;
  const count = frames;
  length = 0;
  frames = 0;
  if (count > 0) to.take(scratch, 0, bytes, count, now, skip);
}
