/** The readers and writers against frames that a Linux 6 kernel sent on a TAP device. */
import { expect, test } from 'vitest';
import {
  ARP_HLEN,
  ARP_SHA,
  ARPOP_REQUEST,
  arpIsEthernetIpv4,
  arpOp,
  arpSenderIp,
  arpTargetIp,
  putArp,
} from './arp.ts';
import { csumFold, csumPartial, csumPseudo } from './checksum.ts';
import { ETH_DST, ETH_HLEN, ETH_P_ARP, ETH_P_IP, ETH_SRC, ethType, putEthHeader } from './ethernet.ts';
import {
  ICMP_ECHO,
  icmpChecksumOk,
  icmpCode,
  icmpEchoId,
  icmpEchoSeq,
  icmpRest,
  icmpType,
  putIcmp,
} from './icmp.ts';
import {
  IP_DF,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_HLEN,
  ipv4ChecksumOk,
  ipv4Daddr,
  ipv4FragOff,
  ipv4HeaderLen,
  ipv4Id,
  ipv4Protocol,
  ipv4Saddr,
  ipv4TotLen,
  ipv4Ttl,
  ipv4Version,
  putIpv4,
} from './ipv4.ts';
import { parseIpv4 } from './ipv4-address.ts';
import { macToString, parseMac } from './mac.ts';
import { TCP_FLAG_SYN, tcpDest, tcpFlags, tcpHeaderLen, tcpSeq, tcpSource } from './tcp.ts';
import { putUdp, udpChecksumOk, udpDest, udpLen, udpSource } from './udp.ts';

const ARP = 'ffffffffffff020000000001080600010800060400010200000000010a0000010000000000000a000002';
const UDP = '0200000000020200000000010800450000215c6a40004011ca5f0a0000010a0000020fa00007000d985868656c6c6f';
const UDP_EVEN =
  '0200000000020200000000010800450000235c6b40004011ca5c0a0000010a0000020fa00007000f773368656c6c6f2121';
const ICMP =
  '02000000000202000000000108004500002c466c40004001e0620a0000010a0000020800224645c60001a1fe026b00000000df880c0000000000';
const TCP =
  '02000000000202000000000108004500003ceb05400040063bb40a0000010a000002a6e8005002c8e0c100000000a002faf02ce40000020405b40402080ac5f7bb6b000000000103030a';

const H1 = parseIpv4('10.0.0.1')!;
const H2 = parseIpv4('10.0.0.2')!;
const MAC1 = parseMac('02:00:00:00:00:01')!;
const MAC2 = parseMac('02:00:00:00:00:02')!;
const BROADCAST = new Uint8Array(6).fill(0xff);
const L4 = ETH_HLEN + IPV4_HLEN;

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (buf: Uint8Array) => Buffer.from(buf).toString('hex');

test('an ARP request is read', () => {
  const f = bytes(ARP);
  expect(macToString(f, ETH_DST)).toBe('ff:ff:ff:ff:ff:ff');
  expect(macToString(f, ETH_SRC)).toBe('02:00:00:00:00:01');
  expect(ethType(f, 0)).toBe(ETH_P_ARP);
  expect(arpIsEthernetIpv4(f, ETH_HLEN)).toBe(true);
  expect(arpOp(f, ETH_HLEN)).toBe(ARPOP_REQUEST);
  expect(macToString(f, ETH_HLEN + ARP_SHA)).toBe('02:00:00:00:00:01');
  expect(arpSenderIp(f, ETH_HLEN)).toBe(H1);
  expect(arpTargetIp(f, ETH_HLEN)).toBe(H2);
});

test('an ARP request is written byte for byte', () => {
  const f = new Uint8Array(ETH_HLEN + ARP_HLEN);
  putEthHeader(f, 0, BROADCAST, 0, MAC1, 0, ETH_P_ARP);
  putArp(f, ETH_HLEN, ARPOP_REQUEST, MAC1, H1, new Uint8Array(6), H2);
  expect(hex(f)).toBe(ARP);
});

test.each([
  ['another hardware type', 0],
  ['another protocol', 2],
  ['another address length', 4],
])('ARP of %s is not taken for Ethernet and IPv4', (_what, field) => {
  const f = bytes(ARP);
  f[ETH_HLEN + field]! ^= 0x10;
  expect(arpIsEthernetIpv4(f, ETH_HLEN)).toBe(false);
});

test('an IPv4 header is read', () => {
  const f = bytes(ICMP);
  expect(ethType(f, 0)).toBe(ETH_P_IP);
  expect({
    version: ipv4Version(f, ETH_HLEN),
    hlen: ipv4HeaderLen(f, ETH_HLEN),
    len: ipv4TotLen(f, ETH_HLEN),
    id: ipv4Id(f, ETH_HLEN),
    frag: ipv4FragOff(f, ETH_HLEN),
    ttl: ipv4Ttl(f, ETH_HLEN),
    proto: ipv4Protocol(f, ETH_HLEN),
    saddr: ipv4Saddr(f, ETH_HLEN),
    daddr: ipv4Daddr(f, ETH_HLEN),
    ok: ipv4ChecksumOk(f, ETH_HLEN),
  }).toEqual({
    version: 4,
    hlen: 20,
    len: 44,
    id: 0x466c,
    frag: IP_DF,
    ttl: 64,
    proto: IPPROTO_ICMP,
    saddr: H1,
    daddr: H2,
    ok: true,
  });
});

test('an echo request is read, and written byte for byte', () => {
  const f = bytes(ICMP);
  expect([icmpType(f, L4), icmpCode(f, L4), icmpEchoId(f, L4), icmpEchoSeq(f, L4)]).toEqual([
    ICMP_ECHO,
    0,
    0x45c6,
    1,
  ]);
  expect(icmpChecksumOk(f, L4, f.length - L4)).toBe(true);
  const copy = bytes(ICMP);
  copy.fill(0, 0, L4 + 8);
  putIcmp(copy, L4, ICMP_ECHO, 0, icmpRest(f, L4), f.length - L4);
  putIpv4(copy, ETH_HLEN, 44, 0x466c, IP_DF, 64, IPPROTO_ICMP, H1, H2);
  putEthHeader(copy, 0, MAC2, 0, MAC1, 0, ETH_P_IP);
  expect(hex(copy)).toBe(ICMP);
});

test.each([UDP, UDP_EVEN])('a datagram is read, and written byte for byte: %s', (text) => {
  const f = bytes(text);
  const len = f.length - L4;
  expect([udpSource(f, L4), udpDest(f, L4), udpLen(f, L4)]).toEqual([4000, 7, len]);
  expect(udpChecksumOk(f, L4, len, H1, H2)).toBe(true);
  f.fill(0, L4, L4 + 8);
  putUdp(f, L4, 4000, 7, len, H1, H2);
  expect(hex(f)).toBe(text);
});

test('one flipped bit anywhere in a datagram is noticed', () => {
  const f = bytes(UDP);
  const len = f.length - L4;
  for (let bit = 0; bit < len * 8; bit++) {
    const at = L4 + (bit >> 3);
    f[at]! ^= 1 << (bit & 7);
    expect(udpChecksumOk(f, L4, len, H1, H2)).toBe(false);
    f[at]! ^= 1 << (bit & 7);
  }
});

test('a TCP header is read', () => {
  const f = bytes(TCP);
  expect([tcpSource(f, L4), tcpDest(f, L4), tcpSeq(f, L4)]).toEqual([0xa6e8, 80, 0x02c8e0c1]);
  expect([tcpHeaderLen(f, L4), tcpFlags(f, L4)]).toEqual([40, TCP_FLAG_SYN]);
  expect(csumFold(csumPartial(f, L4, 40, csumPseudo(H1, H2, IPPROTO_TCP, 40)))).toBe(0);
  expect(ipv4Protocol(bytes(UDP), ETH_HLEN)).toBe(IPPROTO_UDP);
});
