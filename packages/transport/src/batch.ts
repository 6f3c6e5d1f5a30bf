/**
 * The batch codec: what one message of the data channel holds.
 *
 *   +--------+-----------+--------+-------------+---
 *   | u32 be | frame     | u32 be | frame       | ...     QEMU's stream format, record for record
 *   | length | (length)  | length | (length)    |
 *   +--------+-----------+--------+-------------+---
 */
import { VIRTIO_NET_HDR_LEN } from '@etherloom/frame';

export const RECORD_HEADER = 4;
/**
 * A sender closes a batch at this size; one record longer than that travels alone. Why not 65536: with its WebSocket,
 * TCP and IP headers it then fits one segment of the loopback, whose MTU that is, and drags no second one behind it.
 */
export const MAX_BATCH = 65536 - 128;
/** ETH_MAX_MTU, an Ethernet header and one VLAN tag. */
export const MAX_FRAME = 65535 + 18;
/** A frame behind its virtio_net_hdr (vnet.ts). */
export const MAX_RECORD = VIRTIO_NET_HDR_LEN + MAX_FRAME;
/** No receiver need take a longer message. */
export const MAX_MESSAGE = RECORD_HEADER + MAX_RECORD;
/** Room for the head of a message before its records, so that both can leave as one piece. */
export const SEND_HEADROOM = 16;
/** An Ethernet header: what is shorter is no frame. */
export const MIN_FRAME = 14;

/** The last record ends beyond the message, or the message is empty. */
export const BATCH_NOT_WHOLE = -1;
export const BATCH_RUNT = -2;
export const BATCH_TOO_LONG = -3;
export const BATCH_BAD_VNET = -4;

const ERROR_TEXT = [
  '',
  'not a whole number of records',
  'a record is shorter than 14 bytes',
  'a record is too long',
  'a virtio_net_hdr does not fit its frame',
];

/** The text for a negative verdict of countRecords. */
export function batchErrorText(verdict: number): string {
  return ERROR_TEXT[-verdict] ?? 'not a batch';
}

export function readRecordLength(buf: Uint8Array, at: number): number {
  return ((buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!) >>> 0;
}

export function writeRecordHeader(buf: Uint8Array, at: number, length: number): void {
  buf[at] = length >>> 24;
  buf[at + 1] = length >>> 16;
  buf[at + 2] = length >>> 8;
  buf[at + 3] = length;
}

/** How many frames buf[offset, offset + length) holds, at least 1; or a negative BATCH_* verdict. */
export function countRecords(buf: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  let at = offset;
  let frames = 0;
  do {
    if (at + RECORD_HEADER > end) return BATCH_NOT_WHOLE;
    const frame = readRecordLength(buf, at);
    if (frame > MAX_FRAME) return BATCH_TOO_LONG;
    if (frame < MIN_FRAME) return BATCH_RUNT;
    at += RECORD_HEADER + frame;
    frames++;
  } while (at < end);
  return at === end ? frames : BATCH_NOT_WHOLE;
}
