/** ICMP and ICMPv6 echo as bytes. Pure. cf. RFC 792, RFC 4443 */
import * as c from './libc.ts';

const ICMP_HDRLEN = 8;
const ECHO_REQUEST = { [c.AF_INET]: 8, [c.AF_INET6]: 128 } as Record<number, number>;
const ECHO_REPLY = { [c.AF_INET]: 0, [c.AF_INET6]: 129 } as Record<number, number>;

/** A request; `size` bytes follow the header. The kernel fills in an ICMPv6 checksum, as it covers addresses. */
export function encodeEchoRequest(family: number, id: number, seq: number, size: number): Buffer {
  const out = Buffer.alloc(ICMP_HDRLEN + size);
  out.writeUInt8(ECHO_REQUEST[family]!, 0);
  out.writeUInt16BE(id, 4);
  out.writeUInt16BE(seq, 6);
  for (let i = ICMP_HDRLEN; i < out.length; i++) out[i] = i & 0xff;
  if (family === c.AF_INET) out.writeUInt16BE(checksum(out), 2);
  return out;
}

/**
 * The sequence number of an echo reply to us, or -1. `raw`: an IPv4 raw socket hands out the IP header too,
 * and a raw socket hears every echo of the namespace, so the id must match; a datagram socket hears its own.
 */
export function decodeEchoReply(family: number, raw: boolean, id: number, packet: Buffer): number {
  const at = raw && family === c.AF_INET && packet.length > 0 ? (packet[0]! & 0xf) * 4 : 0;
  if (packet.length < at + ICMP_HDRLEN || packet[at] !== ECHO_REPLY[family]) return -1;
  if (raw && packet.readUInt16BE(at + 4) !== id) return -1;
  return packet.readUInt16BE(at + 6);
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i + 1 < bytes.length; i += 2) sum += bytes.readUInt16BE(i);
  if (bytes.length % 2 === 1) sum += bytes[bytes.length - 1]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
