/**
 * Super-frames on a cable that both ends agreed on it for (`features` of hello and welcome):
 *
 *   | u32 be length | virtio_net_hdr (10 bytes) | frame | ...       length counts the header and the frame
 *
 * Everywhere frames and bytes are counted, such a record counts as the frames and bytes it would be on a wire. `skip` is
 * how many bytes lie between a record's length and its frame: VNET_SKIP here, 0 on any other cable.
 */
import { VIRTIO_NET_HDR_LEN, VNET_MALFORMED, vnetCheck, vnetSegs, vnetWireBytes } from '@etherloom/frame';
import {
  BATCH_BAD_VNET,
  BATCH_NOT_WHOLE,
  BATCH_RUNT,
  BATCH_TOO_LONG,
  MAX_FRAME,
  MIN_FRAME,
  RECORD_HEADER,
  readRecordLength,
} from './batch.ts';

export const FEATURE_VNET = 'vnet';
export const VNET_SKIP = VIRTIO_NET_HDR_LEN;

/**
 * As countRecords: checks every header against its frame, and makes its hdr_len exact: nobody behind need parse a frame
 * to know its segments. So the bytes must be the caller's to write.
 */
export function countVnetRecords(buf: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  let at = offset;
  let frames = 0;
  do {
    if (at + RECORD_HEADER > end) return BATCH_NOT_WHOLE;
    const frame = readRecordLength(buf, at) - VNET_SKIP;
    if (frame > MAX_FRAME) return BATCH_TOO_LONG;
    if (frame < MIN_FRAME) return BATCH_RUNT;
    const header = at + RECORD_HEADER;
    at = header + VNET_SKIP + frame;
    if (at > end) return BATCH_NOT_WHOLE;
    const segs = vnetCheck(buf, header, frame);
    if (segs === VNET_MALFORMED) return BATCH_BAD_VNET;
    frames += segs;
  } while (at < end);
  return frames;
}

/** How many frames the record at buf[at], of `record` bytes without its length, counts as. */
export function recordFrames(buf: Uint8Array, at: number, record: number, skip: number): number {
  return skip === 0 ? 1 : vnetSegs(buf, at + RECORD_HEADER, record - skip);
}

/** How many bytes a run counts as. */
export function runBytes(buf: Uint8Array, at: number, length: number, frames: number, skip: number): number {
  return skip === 0 ? length - frames * RECORD_HEADER : vnetRunBytes(buf, at, at + length);
}

function vnetRunBytes(buf: Uint8Array, start: number, end: number): number {
  let bytes = 0;
  for (let at = start; at < end; ) {
    const record = readRecordLength(buf, at);
    bytes += vnetWireBytes(buf, at + RECORD_HEADER, record - VNET_SKIP);
    at += RECORD_HEADER + record;
  }
  return bytes;
}
