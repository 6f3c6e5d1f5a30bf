import fc from 'fast-check';
import { expect, test } from 'vitest';
import { getU16, getU32, putU16, putU32 } from './bytes.ts';
import {
  ETH_P_8021AD,
  ETH_P_8021Q,
  ETH_P_ARP,
  ETH_P_IP,
  ethReply,
  ethType,
  putEthHeader,
} from './ethernet.ts';
import { macToString } from './mac.ts';
import { isVlanTagged, vlanEncapProto, vlanPop, vlanPush, vlanTci, vlanVid } from './vlan.ts';

const FRAME = Uint8Array.from(
  Buffer.from('ffffffffffff020000000001080600010800060400010200000000010a0000010000000000000a000002', 'hex'),
);

test('a tag pushed into the headroom reads back, and popping it leaves the frame as it was', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.constantFrom(ETH_P_8021Q, ETH_P_8021AD), (tci, tpid) => {
      const buf = new Uint8Array(8 + FRAME.length);
      buf.set(FRAME, 8);
      const at = vlanPush(buf, 8, tci, tpid);
      expect(at).toBe(4);
      expect([ethType(buf, at), vlanTci(buf, at), vlanVid(buf, at), vlanEncapProto(buf, at)]).toEqual([
        tpid,
        tci,
        tci & 0xfff,
        ETH_P_ARP,
      ]);
      expect(isVlanTagged(buf, at)).toBe(true);
      const back = vlanPop(buf, at);
      expect(buf.slice(back)).toEqual(FRAME);
      expect(isVlanTagged(buf, back)).toBe(false);
    }),
  );
});

test('a header is written, and turned round for a reply', () => {
  const buf = new Uint8Array(20);
  const a = Uint8Array.of(2, 0, 0, 0, 0, 1);
  const b = Uint8Array.of(2, 0, 0, 0, 0, 2);
  putEthHeader(buf, 3, b, 0, a, 0, ETH_P_IP);
  ethReply(buf, 3, b, 0);
  expect([macToString(buf, 3), macToString(buf, 9), ethType(buf, 3)]).toEqual([
    '02:00:00:00:00:01',
    '02:00:00:00:00:02',
    ETH_P_IP,
  ]);
});

test('integers survive writing and reading', () => {
  const buf = new Uint8Array(9);
  fc.assert(
    fc.property(fc.nat(0xffff), fc.integer({ min: 0, max: 0xffffffff }), fc.nat(4), (a, b, at) => {
      putU16(buf, at, a);
      expect(getU16(buf, at)).toBe(a);
      putU32(buf, at, b);
      expect(getU32(buf, at)).toBe(b);
    }),
  );
});
