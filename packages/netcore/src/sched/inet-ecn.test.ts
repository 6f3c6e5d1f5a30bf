import { ipChecksum, putIpv4 } from '@etherloom/frame';
import { expect, test } from 'vitest';
import { inetEcnSetCe } from './inet-ecn.ts';

const V4 = 14;

/** An Ethernet frame with an IP header whose ECN bits are these. */
function frame(proto: number, ecn: number, tags = 0, id = 7): Uint8Array {
  const buf = new Uint8Array(64 + tags * 4);
  const ip = V4 + tags * 4;
  for (let tag = 0; tag < tags; tag++) buf.set([0x81, 0x00], 12 + tag * 4);
  buf.set([proto >> 8, proto & 255], ip - 2);
  if (proto === 0x0800) {
    putIpv4(buf, ip, 50, id, 0, 64, 17, 0x0a000001, 0x0a000002);
    buf[ip + 1] = 0xb8 | ecn;
    buf.set([0, 0], ip + 10);
    const check = ipChecksum(buf, ip, 20);
    buf.set([check >> 8, check & 255], ip + 10);
  } else if (proto === 0x86dd) buf.set([0x6b, 0x80 | (ecn << 4)], ip);
  return buf;
}

// biome-ignore format: one case a line
test.each([
  ['IPv4, ECT(0)',            frame(0x0800, 2),    true],
  ['IPv4, ECT(1)',            frame(0x0800, 1),    true],
  ['IPv4, marked before',     frame(0x0800, 3),    true],
  ['IPv4 of an old sender',   frame(0x0800, 0),    false],
  ['IPv4 behind a VLAN tag',  frame(0x0800, 2, 1), true],
  ['IPv4 behind two',         frame(0x0800, 2, 2), true],
  ['IPv6, ECT(0)',            frame(0x86dd, 2),    true],
  ['IPv6 of an old sender',   frame(0x86dd, 0),    false],
  ['ARP',                     frame(0x0806, 3),    false],
  ['a runt',                  frame(0x0800, 2).subarray(0, 33), false],
])('%s', (_name, buf, marked) => {
  const before = buf.slice();
  expect(inetEcnSetCe(buf, 0, buf.length)).toBe(marked);
  if (!marked) expect(buf).toEqual(before);
  else {
    const ip = buf.length - 64 + V4;
    const v4 = buf[ip]! >> 4 === 4;
    expect((v4 ? buf[ip + 1]! : buf[ip + 1]! >> 4) & 3).toBe(3);
    if (v4) expect(ipChecksum(buf, ip, 20)).toBe(0);
  }
});

test('an IPv4 checksum that is as good as used up is carried over', () => {
  const seen = new Set<number>();
  for (let id = 0; id < 65_536; id++) {
    const buf = frame(0x0800, 1, 0, id);
    const check = buf[V4 + 10]! * 256 + buf[V4 + 11]!;
    if (check > 3) continue;
    seen.add(check);
    inetEcnSetCe(buf, 0, buf.length);
    expect(ipChecksum(buf, V4, 20)).toBe(0);
  }
  expect(seen).toEqual(new Set([0, 1, 2, 3]));
});
