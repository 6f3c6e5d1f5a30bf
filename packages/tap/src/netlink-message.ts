/**
 * Netlink messages: header, attributes, acknowledgement. Pure; strict: a length that does not fit is an
 * error, not a guess. cf. include/uapi/linux/netlink.h. Numbers are in host order, which on every machine
 * we run on (x64, arm64, riscv64) is little-endian.
 */
import { NetError } from '@etherloom/netcore';
import { sysError } from './errno.ts';

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_CREATE = 0x400;
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
const NLMSG_HDRLEN = 16;
const NLA_HDRLEN = 4;
const NLA_TYPE_MASK = 0x3fff;
const NLMSGERR_ATTR_MSG = 1;

export interface NetlinkMessage {
  type: number;
  flags: number;
  seq: number;
  payload: Buffer;
}

const align = (n: number): number => (n + 3) & ~3;

/** One attribute, padded to four bytes. */
export function attribute(type: number, value: Uint8Array): Buffer {
  const out = Buffer.alloc(align(NLA_HDRLEN + value.length));
  out.writeUInt16LE(NLA_HDRLEN + value.length, 0);
  out.writeUInt16LE(type, 2);
  out.set(value, NLA_HDRLEN);
  return out;
}

export function u32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value >>> 0);
  return out;
}

export function cstring(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf8');
}

/** A whole request: `header` is the family's struct (ifinfomsg, ifaddrmsg, rtmsg). */
export function encodeMessage(
  type: number,
  flags: number,
  seq: number,
  header: Buffer,
  attributes: Buffer[],
): Buffer {
  const body = Buffer.concat([header, ...attributes]);
  const head = Buffer.alloc(NLMSG_HDRLEN);
  head.writeUInt32LE(NLMSG_HDRLEN + body.length, 0);
  head.writeUInt16LE(type, 4);
  head.writeUInt16LE(flags, 6);
  head.writeUInt32LE(seq, 8);
  return Buffer.concat([head, body]);
}

export function decodeMessages(buf: Buffer): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at < buf.length; ) {
    if (at + NLMSG_HDRLEN > buf.length) throw malformed('message header', at);
    const length = buf.readUInt32LE(at);
    if (length < NLMSG_HDRLEN || at + length > buf.length) throw malformed('message length', at);
    messages.push({
      type: buf.readUInt16LE(at + 4),
      flags: buf.readUInt16LE(at + 6),
      seq: buf.readUInt32LE(at + 8),
      payload: buf.subarray(at + NLMSG_HDRLEN, at + length),
    });
    at += align(length);
  }
  return messages;
}

export function decodeAttributes(buf: Buffer, from: number): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  for (let at = from; at < buf.length; ) {
    if (at + NLA_HDRLEN > buf.length) throw malformed('attribute header', at);
    const length = buf.readUInt16LE(at);
    if (length < NLA_HDRLEN || at + length > buf.length) throw malformed('attribute length', at);
    attributes.set(buf.readUInt16LE(at + 2) & NLA_TYPE_MASK, buf.subarray(at + NLA_HDRLEN, at + length));
    at += align(length);
  }
  return attributes;
}

/** The outcome in an NLMSG_ERROR: null for an acknowledgement, else the error, with the kernel's own words when it sent any. */
export function decodeError(
  message: NetlinkMessage,
  what: string,
  advice: (errno: number) => string,
): NetError | null {
  if (message.payload.length < 4 + NLMSG_HDRLEN) throw malformed('error message', 0);
  const errno = -message.payload.readInt32LE(0);
  if (errno === 0) return null;
  const words = extendedAck(message);
  return sysError(errno, what, [words, advice(errno)].filter((s) => s !== '').join('; '));
}

function extendedAck({ flags, payload }: NetlinkMessage): string {
  if ((flags & NLM_F_ACK_TLVS) === 0) return '';
  const echoed = (flags & NLM_F_CAPPED) !== 0 ? NLMSG_HDRLEN : payload.readUInt32LE(4);
  const words = decodeAttributes(payload, 4 + align(echoed)).get(NLMSGERR_ATTR_MSG);
  return words === undefined ? '' : textOf(words);
}

export function textOf(value: Buffer): string {
  const end = value.indexOf(0);
  return value.toString('utf8', 0, end < 0 ? value.length : end);
}

export function malformed(what: string, at: number): NetError {
  return new NetError('EBADMSG', `netlink: bad ${what} at byte ${at}`);
}
