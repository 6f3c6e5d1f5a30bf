/** RTM_*ADDR and RTM_*ROUTE for IPv4 and IPv6. Pure. */
import { isIP } from 'node:net';
import { NetError } from '@etherloom/netcore';
import * as c from './libc.ts';
import { attribute, u32 } from './netlink-message.ts';

export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_BROADCAST = 4;
const IFA_FLAGS = 8;
const IFA_F_NODAD = 0x02;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RT_TABLE_MAIN = 254;
const RTPROT_STATIC = 4;
const RTN_UNICAST = 1;

export interface IpPrefix {
  family: number;
  bytes: Buffer;
  prefix: number;
}

/** "10.0.0.1/24" or "fd00::1/64". */
export function parsePrefix(text: string): IpPrefix {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const bytes = ipBytes(address);
  const tail = slash < 0 ? String(bytes.length * 8) : text.slice(slash + 1);
  const prefix = /^\d{1,3}$/.test(tail) ? Number(tail) : -1;
  if (prefix < 0 || prefix > bytes.length * 8) {
    throw new NetError(
      'EINVAL',
      `"${text}" is no address with prefix length: write 10.0.0.1/24 or fd00::1/64`,
    );
  }
  return { family: bytes.length === 4 ? c.AF_INET : c.AF_INET6, bytes, prefix };
}

export function ipBytes(address: string): Buffer {
  const version = isIP(address);
  if (version === 4) return Buffer.from(address.split('.').map(Number));
  if (version === 6 && !address.includes('%')) return ipv6Bytes(address);
  throw new NetError('EINVAL', `"${address}" is neither an IPv4 nor an IPv6 address`);
}

/** `address` has passed isIP: at most one "::", and perhaps a dotted tail. */
function ipv6Bytes(address: string): Buffer {
  const [left = '', right] = address.split('::');
  const head = groups(left);
  const tail = right === undefined ? [] : groups(right);
  const zeros = new Array<number>(8 - head.length - tail.length).fill(0);
  const out = Buffer.alloc(16);
  [...head, ...zeros, ...tail].forEach((group, i) => {
    out.writeUInt16BE(group, i * 2);
  });
  return out;
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const b = Buffer.from(part.split('.').map(Number));
    return [b.readUInt16BE(0), b.readUInt16BE(2)];
  });
}

/**
 * An address on an interface. IPv6 skips duplicate address detection: the lab has checked its addresses,
 * and a second without one would fail the first ping.
 */
export function encodeAddress(
  ifindex: number,
  { family, bytes, prefix }: IpPrefix,
): { header: Buffer; attributes: Buffer[] } {
  const header = Buffer.alloc(8);
  header.writeUInt8(family, 0);
  header.writeUInt8(prefix, 1);
  header.writeUInt32LE(ifindex, 4);
  const attributes = [attribute(IFA_LOCAL, bytes), attribute(IFA_ADDRESS, bytes)];
  if (family === c.AF_INET6) attributes.push(attribute(IFA_FLAGS, u32(IFA_F_NODAD)));
  else if (prefix < 31) attributes.push(attribute(IFA_BROADCAST, broadcastOf(bytes, prefix)));
  return { header, attributes };
}

function broadcastOf(bytes: Buffer, prefix: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE((bytes.readUInt32BE(0) | (0xffffffff >>> prefix)) >>> 0);
  return out;
}

/** The default route by `gateway`. */
export function encodeDefaultRoute(
  ifindex: number,
  gateway: string,
): { header: Buffer; attributes: Buffer[] } {
  const bytes = ipBytes(gateway);
  const header = Buffer.alloc(12);
  header.writeUInt8(bytes.length === 4 ? c.AF_INET : c.AF_INET6, 0);
  header.writeUInt8(RT_TABLE_MAIN, 4);
  header.writeUInt8(RTPROT_STATIC, 5);
  header.writeUInt8(RTN_UNICAST, 7);
  return { header, attributes: [attribute(RTA_GATEWAY, bytes), attribute(RTA_OIF, u32(ifindex))] };
}
