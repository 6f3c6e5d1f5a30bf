/** TCP and UDP frames of any shape: whole, or as an offloading Linux hands them over, behind a virtio_net_hdr. */
import {
  csumFold,
  csumFold16,
  csumPartial,
  csumPseudo6,
  ETH_P_8021Q,
  ETH_P_IP,
  ETH_P_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_SADDR,
  ipv4SetChecksum,
  putU16,
  putU32,
  TCP_CHECK,
  UDP_CHECK,
} from '@etherloom/frame';
import { mac } from './frames.ts';

export interface L4Frame {
  payload: Uint8Array;
  ipv6?: boolean;
  udp?: boolean;
  /** TCI of an 802.1Q tag. */
  vlan?: number;
  tos?: number;
  ttl?: number;
  id?: number;
  df?: boolean;
  /** Last byte of the source address. */
  host?: number;
  source?: number;
  dest?: number;
  seq?: number;
  ack?: number;
  flags?: number;
  window?: number;
  /** TCP options, a multiple of four bytes. */
  options?: Uint8Array;
}

const headerLengths = (f: L4Frame) => {
  const l3 = f.vlan === undefined ? 14 : 18;
  const l4 = l3 + (f.ipv6 ? 40 : 20);
  return { l3, l4, payload: l4 + (f.udp ? 8 : 20 + (f.options?.length ?? 0)) };
};

/** The whole frame with right checksums. */
export function l4Frame(f: L4Frame): Uint8Array {
  const at = headerLengths(f);
  const buf = headersAndPayload(f, at);
  const check = at.l4 + (f.udp ? UDP_CHECK : TCP_CHECK);
  putU16(buf, check, csumFold(pseudo(f, buf, at.l3, at.l4) + csumPartial(buf, at.l4, buf.length - at.l4)));
  return buf;
}

/** The frame behind a virtio_net_hdr that leaves its checksum, and with `gsoSize` its cutting, to the reader. */
export function l4VnetFrame(f: L4Frame, gsoSize = 0): Uint8Array {
  const at = headerLengths(f);
  const frame = headersAndPayload(f, at);
  const checkOffset = f.udp ? UDP_CHECK : TCP_CHECK;
  putU16(frame, at.l4 + checkOffset, csumFold16(pseudo(f, frame, at.l3, at.l4)));
  const type = f.udp ? 5 : f.ipv6 ? 4 : 1;
  const le = (v: number): [number, number] => [v & 255, v >>> 8];
  const gso = gsoSize === 0 ? [0, 0, 0, 0, 0] : [type, ...le(at.payload), ...le(gsoSize)];
  return Uint8Array.of(1, ...gso, ...le(at.l4), ...le(checkOffset), ...frame);
}

function headersAndPayload(f: L4Frame, at: { l3: number; l4: number; payload: number }): Uint8Array {
  const buf = new Uint8Array(at.payload + f.payload.length);
  buf.set(mac(2), 0);
  buf.set(mac(1), 6);
  if (f.vlan !== undefined) {
    putU16(buf, 12, ETH_P_8021Q);
    putU16(buf, 14, f.vlan);
  }
  putU16(buf, at.l3 - 2, f.ipv6 ? ETH_P_IPV6 : ETH_P_IP);
  if (f.ipv6) putIpv6(f, buf, at.l3);
  else putIpv4(f, buf, at.l3);
  if (f.udp) putUdp(f, buf, at.l4);
  else putTcp(f, buf, at.l4);
  buf.set(f.payload, at.payload);
  return buf;
}

function putIpv4(f: L4Frame, buf: Uint8Array, at: number): void {
  buf[at] = 0x45;
  buf[at + 1] = f.tos ?? 0;
  putU16(buf, at + 2, buf.length - at);
  putU16(buf, at + 4, f.id ?? 1);
  putU16(buf, at + 6, (f.df ?? true) ? 0x4000 : 0);
  buf[at + 8] = f.ttl ?? 64;
  buf[at + 9] = f.udp ? IPPROTO_UDP : IPPROTO_TCP;
  buf.set([10, 9, 0, f.host ?? 1, 10, 9, 0, 2], at + IPV4_SADDR);
  ipv4SetChecksum(buf, at);
}

function putIpv6(f: L4Frame, buf: Uint8Array, at: number): void {
  putU32(buf, at, 0x60012345 + (f.tos ?? 0) * 0x100000);
  putU16(buf, at + 4, buf.length - at - 40);
  buf[at + 6] = f.udp ? IPPROTO_UDP : IPPROTO_TCP;
  buf[at + 7] = f.ttl ?? 64;
  buf.set([0xfd, 9], at + 8);
  buf[at + 23] = f.host ?? 1;
  buf.set([0xfd, 9], at + 24);
  buf[at + 39] = 2;
}

function putTcp(f: L4Frame, buf: Uint8Array, at: number): void {
  const options = f.options ?? new Uint8Array(0);
  putU16(buf, at, f.source ?? 40000);
  putU16(buf, at + 2, f.dest ?? 5201);
  putU32(buf, at + 4, f.seq ?? 1000);
  putU32(buf, at + 8, f.ack ?? 7);
  buf[at + 12] = (20 + options.length) * 4;
  buf[at + 13] = f.flags ?? 0x10;
  putU16(buf, at + 14, f.window ?? 500);
  buf.set(options, at + 20);
}

function putUdp(f: L4Frame, buf: Uint8Array, at: number): void {
  putU16(buf, at, f.source ?? 40000);
  putU16(buf, at + 2, f.dest ?? 9);
  putU16(buf, at + 4, buf.length - at);
}

function pseudo(f: L4Frame, buf: Uint8Array, l3: number, l4: number): number {
  const proto = f.udp ? IPPROTO_UDP : IPPROTO_TCP;
  const len = buf.length - l4;
  return f.ipv6 ? csumPseudo6(buf, l3, proto, len) : csumPartial(buf, l3 + IPV4_SADDR, 8, proto + len);
}
