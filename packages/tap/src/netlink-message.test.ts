import { expect, test } from 'vitest';
import { decodeLink, encodeLinkChange, linkIndex } from './link-message.ts';
import {
  attribute,
  decodeAttributes,
  decodeError,
  decodeMessages,
  encodeMessage,
  u32,
} from './netlink-message.ts';

/** An RTM_NEWLINK as Linux 6.18 sends one for a TAP, cut to the attributes we read. */
function newLink(): Buffer {
  const header = Buffer.from('00000100 2a000000 03100000 ffffffff'.replaceAll(' ', ''), 'hex');
  return Buffer.concat([
    header,
    attribute(3, Buffer.from('eth0\0')),
    attribute(13, u32(1000)),
    attribute(16, Buffer.from([2])),
    attribute(4, u32(1500)),
    attribute(50, u32(68)),
    attribute(51, u32(65521)),
    attribute(33, Buffer.from([0])),
    attribute(1, Buffer.from('020000000001', 'hex')),
  ]);
}

test('a link message is read whole', () => {
  expect(linkIndex(newLink())).toBe(42);
  expect(decodeLink(newLink())).toEqual({
    ifindex: 42,
    ifname: 'eth0',
    up: true,
    carrier: false,
    operstate: 2,
    mtu: 1500,
    minMtu: 68,
    maxMtu: 65521,
    txqlen: 1000,
    address: Uint8Array.of(2, 0, 0, 0, 0, 1),
  });
});

// biome-ignore format: one case a line
test.each([
  ['a header cut short',            Buffer.alloc(15)],
  ['a length below the header',     encodeMessage(16, 0, 1, Buffer.alloc(0), []).fill(8, 0, 1)],
  ['a length beyond the buffer',    encodeMessage(16, 0, 1, Buffer.alloc(0), []).fill(64, 0, 1)],
])('%s is refused', (_name, bytes) => {
  expect(() => decodeMessages(bytes)).toThrow(expect.objectContaining({ code: 'EBADMSG' }));
});

test('an attribute that does not fit is refused', () => {
  const long = attribute(3, Buffer.from('eth0\0'));
  long.writeUInt16LE(100, 0);
  expect(() => decodeAttributes(long, 0)).toThrow('attribute length');
  expect(() => decodeAttributes(Buffer.alloc(3), 0)).toThrow('attribute header');
  expect(() => decodeLink(Buffer.concat([newLink(), attribute(4, Buffer.alloc(2))]))).toThrow('attribute 4');
  expect(() => decodeLink(Buffer.alloc(8))).toThrow('ifinfomsg');
  expect(() => decodeLink(newLink().subarray(0, 16))).toThrow('without a name');
});

test('messages of one datagram are told apart, padding included', () => {
  const odd = encodeMessage(17, 2, 7, Buffer.from([1, 2, 3, 4, 5]), []);
  const both = Buffer.concat([odd, Buffer.alloc(3), encodeMessage(16, 0, 8, Buffer.alloc(4), [])]);
  expect(decodeMessages(both)).toMatchObject([
    { type: 17, flags: 2, seq: 7, payload: Buffer.from([1, 2, 3, 4, 5]) },
    { type: 16, flags: 0, seq: 8 },
  ]);
});

test('a change names only what it changes', () => {
  const { header, attributes } = encodeLinkChange(42, { mtu: 1400 });
  expect(header.readUInt32LE(12)).toBe(0);
  expect(Buffer.concat(attributes)).toEqual(attribute(4, u32(1400)));
  const down = encodeLinkChange(42, { up: false });
  expect([down.header.readUInt32LE(8), down.header.readUInt32LE(12)]).toEqual([0, 1]);
  expect(down.attributes).toEqual([]);
});

test("an error carries the errno, the kernel's words and the advice; an acknowledgement is no error", () => {
  const payload = Buffer.concat([
    Buffer.alloc(20),
    attribute(1, Buffer.from('mtu greater than device maximum\0')),
  ]);
  payload.writeInt32LE(-22, 0);
  const error = decodeError(
    { type: 2, flags: 0x300, seq: 1, payload },
    'cannot set mtu',
    () => 'stay below 65521',
  );
  expect(error).toMatchObject({
    code: 'EINVAL',
    message: 'cannot set mtu: EINVAL: mtu greater than device maximum; stay below 65521',
  });
  expect(decodeError({ type: 2, flags: 0, seq: 1, payload: Buffer.alloc(20) }, 'x', () => '')).toBeNull();
});
