import { RingNic, testSkb, VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { devOpen } from './dev-flags.ts';
import { dropsByReason } from './drop-reason.ts';
import { devForwardSkb, isSkbForwardable } from './forward.ts';
import { Net } from './net.ts';
import { CHECKSUM_PARTIAL, PACKET_OTHERHOST, SKB_GSO_TCPV4 } from './skbuff.ts';
import { NET_RX_DROP, NET_RX_SUCCESS } from './xmit.ts';

function receiver(up = true) {
  const host = new VirtualHost();
  const { dev } = new RingNic(new Net(host));
  if (up) devOpen(dev);
  return { dev, host };
}

// biome-ignore format: one case a line
test.each([
  ['the MTU and a header',                     true,  1514, 0,    true],
  ['a VLAN tag more',                          true,  1518, 0,    true],
  ['a byte more than that',                    true,  1519, 0,    false],
  ['a super-frame: the MTU is for its segments', true, 9000, 1448, true],
  ['down, it takes nothing',                   false, 60,   0,    false],
  ['down, no super-frame either',              false, 9000, 1448, false],
])('is_skb_forwardable: %s', (_what, up, length, gsoSize, takes) => {
  const { dev } = receiver(up);
  const skb = testSkb(dev, length);
  if (gsoSize > 0) Object.assign(skb, { ipSummed: CHECKSUM_PARTIAL, gsoSize, gsoSegs: 7, gsoType: SKB_GSO_TCPV4 });
  expect(isSkbForwardable(dev, skb)).toBe(takes);
});

// biome-ignore format: one case a line
test.each([
  ['too long',  true,  1519, { PKT_TOO_BIG: 1 }],
  ['down',      false, 60,   { DEV_READY: 1 }],
])('what is refused is the receiver’s drop: %s', (_what, up, length, drops) => {
  const { dev } = receiver(up);
  expect(devForwardSkb(dev, testSkb(dev, length))).toBe(NET_RX_DROP);
  expect([dev.stats.rxDropped, dropsByReason(dev.drops), dev.pool.inUse]).toEqual([1, drops, 0]);
});

test.each([
  ['another namespace', 0],
  ['its own', 9],
])(
  'what comes from %s forgets its priority, keeps its mark only there, and is typed for its new device',
  (_whose, mark) => {
    const { dev, host } = receiver();
    const skb = testSkb(dev);
    if (mark === 0) skb.dev = receiver().dev;
    Object.assign(skb, { priority: 7, mark: 9 });
    let seen: unknown[] = [];
    dev.net.devAddPack(0x0003, (got) => {
      seen = [got.dev?.name, got.priority, got.mark, got.pktType];
    });
    expect(devForwardSkb(dev, skb)).toBe(NET_RX_SUCCESS);
    expect([skb.priority, skb.mark, skb.pktType, skb.len]).toEqual([0, mark, PACKET_OTHERHOST, 46]);
    host.runTurns();
    expect(seen).toEqual(['eth0', 0, mark, PACKET_OTHERHOST]);
  },
);
