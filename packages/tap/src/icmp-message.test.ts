import { expect, test } from 'vitest';
import { summary } from './icmp.ts';
import { decodeEchoReply, encodeEchoRequest } from './icmp-message.ts';
import { AF_INET, AF_INET6 } from './libc.ts';

test('an echo request has the layout and checksum of RFC 792', () => {
  const packet = encodeEchoRequest(AF_INET, 0x1234, 1, 4);
  expect(packet.toString('hex')).toBe('0800d3b61234000108090a0b');
});

test('only an echo reply with our id counts on a raw socket', () => {
  const ip = Buffer.alloc(24);
  ip[0] = 0x46; // with one word of options
  const reply = Buffer.concat([ip, Buffer.from('0000000012340007', 'hex')]);
  expect(decodeEchoReply(AF_INET, true, 0x1234, reply)).toBe(7);
  expect(decodeEchoReply(AF_INET, true, 0x1235, reply)).toBe(-1);
  expect(decodeEchoReply(AF_INET, true, 0x1234, reply.subarray(0, 30))).toBe(-1);
  expect(decodeEchoReply(AF_INET6, true, 9, Buffer.from('8100000000090002', 'hex'))).toBe(2);
  expect(decodeEchoReply(AF_INET6, false, 0, Buffer.from('8000000000090002', 'hex'))).toBe(-1);
});

test('the summary is that of ping(8)', () => {
  expect(summary([])).toBeNull();
  expect(summary([1, 2, 3, 6])).toEqual({ min: 1, avg: 3, max: 6, mdev: Math.sqrt(3.5) });
});
