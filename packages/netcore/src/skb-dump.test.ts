import { expect, test } from 'vitest';
import type { NetDevice } from './net-device.ts';
import { skbDump, skbGeometry } from './skb-dump.ts';
import { SkbPool } from './skb-pool.ts';
import { CHECKSUM_PARTIAL, PACKET_MULTICAST, SKB_GSO_TCPV4 } from './skbuff.ts';

function received() {
  const skb = new SkbPool().alloc(60)!;
  skb.putData(Uint8Array.from({ length: 40 }, (_, i) => i));
  skb.macHeader = skb.data;
  skb.pull(14);
  skb.networkHeader = skb.data;
  skb.transportHeader = skb.data + 20;
  Object.assign(skb, { protocol: 0x800, pktType: PACKET_MULTICAST, priority: 7, mark: 0x1f });
  skb.dev = { name: 'eth0' } as NetDevice;
  return skb;
}

test('the geometry counts from the head, and says who holds the skb and its bytes', () => {
  const skb = received();
  skb.get();
  skb.clone();
  expect(skbGeometry(skb)).toMatchObject({
    len: 26,
    headroom: 78,
    tailroom: 2048 - 64 - 40,
    data: 78,
    tail: 104,
    end: 2048,
    mac_header: 64,
    mac_len: 14,
    network_header: 78,
    transport_header: 98,
    users: 2,
    dataref: 2,
    cloned: true,
    nr_frags: 0,
    dev: 'eth0',
  });
});

test('the dump reads like the log of the kernel', () => {
  expect(skbDump(received())).toBe(
    [
      'skb len=26 headroom=78 headlen=26 tailroom=1944',
      'end-tail=1944 mac=(64,14) mac_len=14 net=(78,20) trans=98',
      'shinfo(txflags=0 nr_frags=0 gso(size=0 type=0 segs=0))',
      'csum(start=0 offset=0 ip_summed=0)',
      'proto=0x0800 pkttype=2 users=1 dataref=1',
      'priority=0x7 mark=0x1f',
      'dev name=eth0',
      'skb linear:   00000000: 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d',
      'skb linear:   00000010: 1e 1f 20 21 22 23 24 25 26 27',
    ].join('\n'),
  );
});

test('a full dump has the headroom, where the pulled header is, and the tailroom', () => {
  const dump = skbDump(received(), true);
  expect(dump).toContain('skb headroom: 00000040: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d\n');
  expect(dump).toContain('skb tailroom: 00000000: 00');
});

test('of an skb without headers, device or offloads they are -1, <NULL> and 0; of a super-frame they are told', () => {
  const pool = new SkbPool();
  expect(skbDump(pool.alloc()!)).toContain('mac=(-1,0) mac_len=0 net=(-1,-1) trans=-1');
  expect(skbDump(pool.alloc()!)).toContain('dev name=<NULL>');
  const skb = received();
  const offloads = {
    gsoSize: 1448,
    gsoSegs: 3,
    gsoType: SKB_GSO_TCPV4,
    csumStart: skb.data + 20,
    csumOffset: 16,
  };
  Object.assign(skb, { ipSummed: CHECKSUM_PARTIAL, ...offloads });
  expect(skbGeometry(skb)).toMatchObject({
    gso: { size: 1448, type: 1, segs: 3 },
    csum: { start: 98, offset: 16, ip_summed: 3 },
  });
});
