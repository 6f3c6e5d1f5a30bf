/** What each event does to `stats64` of each device: every counter that moves is named, all others must stay. */
import {
  consumeSkb,
  devChangeCarrier,
  devClose,
  devGetStats,
  devGraftQdisc,
  devOpen,
  devQueueXmit,
  devSetMtu,
  dropsByReason,
  ENETDOWN,
  ethTypeTrans,
  NET_XMIT_CN,
  NET_XMIT_DROP,
  Net,
  type NetDevice,
  netifReceiveSkb,
  netifRx,
  netifStopQueue,
  PfifoFast,
  type RtnlLinkStats64,
  RX_HANDLER_EXACT,
  rtnlNewLink,
  type SkBuff,
  unregisterNetdev,
} from '@etherloom/netcore';
import { BROADCAST, ethernetFrame, mac, VirtualHost } from '@etherloom/testkit';
import { BatchWriter, createMemoryPair, type Transport } from '@etherloom/transport';
import { expect, test } from 'vitest';
import { dummyLinkOps } from './dummy.ts';
import { loopbackNetInit } from './loopback.ts';
import { vethLinkOps, vethPeer } from './veth.ts';
import { wslinkLinkOps } from './wslink.ts';

const ETH_P_TEST = 0x88b5;
const GROUP = Uint8Array.of(1, 0, 0x5e, 0, 0, 1);

/** A device that is up and connected, its other end if it has one, and what makes time pass. */
class Bench {
  readonly host = new VirtualHost();
  readonly net: Net;
  readonly dev: NetDevice;
  readonly peer: NetDevice | null = null;
  readonly far: Transport | null = null;

  constructor(kind: string, small = 32768) {
    this.net = new Net(this.host, { pool: { small } });
    this.net.devAddPack(ETH_P_TEST, (skb) => consumeSkb(skb));
    if (kind === 'lo') this.dev = loopbackNetInit(this.net);
    else if (kind === 'dummy') this.dev = rtnlNewLink(this.net, dummyLinkOps, {});
    else if (kind === 'veth') {
      this.dev = rtnlNewLink(this.net, vethLinkOps, { name: 'v0', peer: { name: 'v1' } });
      this.peer = vethPeer(this.dev)!;
      devOpen(this.peer);
    } else {
      const [near, far] = createMemoryPair((fn) => this.host.endOfTurn(fn), { mtu: 1500, highWater: 65536 });
      this.far = far;
      far.handler = { linkUp() {}, linkDown() {}, sent() {}, message() {}, control() {} };
      far.open();
      this.dev = rtnlNewLink(this.net, wslinkLinkOps, { name: 'eth0', transport: near, epoch: 'e' });
    }
    devOpen(this.dev);
    this.settle();
  }

  settle(): void {
    this.host.runTurns();
  }

  /** Sends by the device; returns the verdict of the last. */
  send(length = 60, count = 1, dst: Uint8Array = BROADCAST, from: NetDevice = this.dev): number {
    let rc = 0;
    for (let i = 0; i < count; i++) rc = devQueueXmit(this.skb(length, dst, from));
    return rc;
  }

  skb(length: number, dst: Uint8Array, dev: NetDevice): SkBuff {
    const skb = this.net.pool.alloc(length)!;
    skb.putData(ethernetFrame({ dst, src: mac(9), type: ETH_P_TEST, length }));
    skb.dev = dev;
    return skb;
  }

  /** Frames come over the cable. */
  arrive(dst: Uint8Array, { length = 60, count = 1, type = ETH_P_TEST } = {}): void {
    const writer = new BatchWriter(1 << 20);
    const frame = ethernetFrame({ dst, src: mac(9), type, length });
    for (let i = 0; i < count; i++) writer.append(frame, 0, frame.length);
    this.far!.send(writer.buf, 0, writer.length, 0);
  }
}

type Counts = Partial<Record<keyof RtnlLinkStats64, number>>;

function moved(before: RtnlLinkStats64, after: RtnlLinkStats64): Counts {
  const names = Object.keys(after) as (keyof RtnlLinkStats64)[];
  return Object.fromEntries(
    names.filter((k) => after[k] !== before[k]).map((k) => [k, after[k] - before[k]]),
  ) as Counts;
}

const close = (dev: NetDevice) => devClose(dev);
const own = (b: Bench) => b.dev.devAddr;
const SENT = { txPackets: 1, txBytes: 60 };
const GOT = { rxPackets: 1, rxBytes: 60 };
const NONE = {};

/** Its receive path has a handler before the protocols, which wants the frame for one that is not there. */
function exact(dev: NetDevice): void {
  dev.rxHandler = () => RX_HANDLER_EXACT;
}

/** Three frames more than its qdisc holds, while its queue is stopped. */
function full(b: Bench): void {
  devGraftQdisc(b.dev, () => new PfifoFast());
  netifStopQueue(b.dev);
  b.send(60, 1003);
}

/** A frame that the driver has received already, given to the stack at once or through the backlog. */
function up(b: Bench, { type = ETH_P_TEST, count = 1, backlog = false } = {}): void {
  for (let i = 0; i < count; i++) {
    const skb = b.skb(60, BROADCAST, b.dev);
    skb.buf[skb.data + 12] = type >> 8;
    skb.buf[skb.data + 13] = type & 0xff;
    skb.protocol = ethTypeTrans(skb, b.dev);
    if (backlog) netifRx(skb);
    else netifReceiveSkb(skb);
  }
}

// biome-ignore format: one event a line
test.each<[string, string, (b: Bench) => unknown, Counts, Record<string, number>]>([
  ['lo',     'a frame sent is received; what is behind the header counts', (b) => b.send(60),                      { rxPackets: 1, rxBytes: 46, txPackets: 1, txBytes: 46 }, NONE],
  ['lo',     'down: noop drops, and no counter moves',          (b) => [close(b.dev), b.send()],                   NONE,             { QDISC_DROP: 1 }],
  ['dummy',  'a frame sent is counted, and gone',               (b) => b.send(60),                                 SENT,             NONE],
  ['dummy',  'a thousand frames',                               (b) => b.send(1514, 1000),                         { txPackets: 1000, txBytes: 1514000 }, NONE],
  ['dummy',  'carrier off: noop drops, and no counter moves',   (b) => [devChangeCarrier(b.dev, false), b.send()], NONE,             { QDISC_DROP: 1 }],
  ['dummy',  'down: the same',                                  (b) => [close(b.dev), b.send()],                   NONE,             { QDISC_DROP: 1 }],
  ['dummy',  'a queueless device whose queue is stopped',       (b) => [netifStopQueue(b.dev), b.send()],          { txDropped: 1 }, { DEV_READY: 1 }],
  ['veth',   'a frame sent',                                    (b) => b.send(60),                                 SENT,             NONE],
  ['veth',   'a multicast frame sent',                          (b) => b.send(60, 1, GROUP),                       SENT,             NONE],
  ['veth',   'a frame received',                                (b) => b.send(60, 1, BROADCAST, b.peer!),          GOT,              NONE],
  ['veth',   'a multicast frame received: veth counts none',    (b) => b.send(60, 1, GROUP, b.peer!),              GOT,              NONE],
  ['veth',   'one too long for the peer',                       (b) => [devSetMtu(b.peer!, 1000), b.send(1019)],   { txDropped: 1 }, NONE],
  ['veth',   'one too long for itself',                         (b) => [devSetMtu(b.dev, 1000), b.send(1019, 1, BROADCAST, b.peer!)], { rxDropped: 1 }, { PKT_TOO_BIG: 1 }],
  ['veth',   'one shorter than a header',                       (b) => b.dev.netdevOps.ndoStartXmit(cut(b), b.dev), { txDropped: 1 }, { PKT_TOO_SMALL: 1 }],
  ['veth',   'peer down, so no carrier: noop, no counter',      (b) => [close(b.peer!), b.send()],                 NONE,             { QDISC_DROP: 1 }],
  ['veth',   'a full backlog of its peer: both have dropped',   (b) => b.send(60, 1003),                           { txPackets: 1000, txBytes: 60000, txDropped: 3 }, NONE],
  ['veth',   'a full backlog of its own',                       (b) => b.send(60, 1003, BROADCAST, b.peer!),       { rxPackets: 1000, rxBytes: 60000, rxDropped: 3 }, { CPU_BACKLOG: 3 }],
  ['dummy',  'netif_rx on a device that is down',               (b) => [close(b.dev), up(b, { backlog: true })],   { rxDropped: 1 }, { DEV_READY: 1 }],
  ['dummy',  'unregistered with frames in the backlog: a reason alone', (b) => [up(b, { backlog: true }), unregisterNetdev(b.dev)], NONE, { DEV_READY: 1 }],
  ['dummy',  'a full qdisc: its own drop, no counter of the device', (b) => [full(b), close(b.dev)],              NONE,             { QDISC_DROP: 3, QUEUE_PURGE: 1000 }],
  ['dummy',  'a protocol that nobody handles',                  (b) => up(b, { type: 0x4242 }),                    { rxDropped: 1 }, { UNHANDLED_PROTO: 1 }],
  ['dummy',  'a frame only for a handler that is not there',    (b) => [exact(b.dev), up(b)],                      { rxNohandler: 1 }, { UNHANDLED_PROTO: 1 }],
  ['wslink', 'a frame sent is counted when the cable has it',   (b) => b.send(60),                                 SENT,             NONE],
  ['wslink', 'a unicast frame received',                        (b) => b.arrive(own(b)),                           GOT,              NONE],
  ['wslink', 'a broadcast frame received is no multicast',      (b) => b.arrive(BROADCAST),                        GOT,              NONE],
  ['wslink', 'a multicast frame received',                      (b) => b.arrive(GROUP),                            { ...GOT, multicast: 1 }, NONE],
  ['wslink', 'one for another station: received, for the stack to refuse', (b) => b.arrive(mac(77)),               GOT,              NONE],
  ['wslink', 'a protocol that nobody handles',                  (b) => b.arrive(own(b), { type: 0x4242 }),         { ...GOT, rxDropped: 1 }, { UNHANDLED_PROTO: 1 }],
  ['wslink', 'the MTU, a header and a VLAN tag',                (b) => b.arrive(own(b), { length: 1518 }),         { rxPackets: 1, rxBytes: 1518 }, NONE],
  ['wslink', 'a byte more: too long for the buffers',           (b) => b.arrive(own(b), { length: 1519 }),         { rxErrors: 1, rxLengthErrors: 1, rxOverErrors: 1 }, { PKT_TOO_BIG: 1 }],
  ['wslink', 'down: what was under way',                        (b) => [b.arrive(own(b)), close(b.dev)],           { rxDropped: 1 }, { DEV_READY: 1 }],
  ['wslink', 'down with one frame in the ring and two in the qdisc', (b) => [b.send(60, 3), close(b.dev)],          { txDropped: 1 }, { DEV_READY: 1, QUEUE_PURGE: 2 }],
  ['wslink', 'carrier lost with one in the ring and two in the qdisc', (b) => [b.send(60, 3), devChangeCarrier(b.dev, false)], { txErrors: 1, txCarrierErrors: 1 }, { DEV_CARRIER: 1, QUEUE_PURGE: 2 }],
  ['wslink', 'carrier off: noop drops, and no counter moves',   (b) => [devChangeCarrier(b.dev, false), b.send()], NONE,             { QDISC_DROP: 1 }],
])('%s: %s', (kind, _event, act, counts, drops) => {
  const b = new Bench(kind);
  const before = devGetStats(b.dev);
  act(b);
  b.settle();
  expect(moved(before, devGetStats(b.dev))).toEqual(counts);
  expect(dropsByReason(b.dev.drops)).toEqual(drops);
  expect(b.net.pool.inUse).toBe(0);
});

/** A frame that ends within its header. */
function cut(b: Bench): SkBuff {
  const skb = b.skb(60, BROADCAST, b.dev);
  skb.trim(13);
  return skb;
}

// biome-ignore format: one case a line
test.each<[string, (b: Bench) => number, number]>([
  ['without carrier',            (b) => { devChangeCarrier(b.dev, false); return b.send(); }, NET_XMIT_CN],
  ['down',                       (b) => { devClose(b.dev); return b.send(); },                NET_XMIT_CN],
  ['its queue stopped',          (b) => { netifStopQueue(b.dev); return b.send(); },          -ENETDOWN],
])('a dummy %s answers the sender as the kernel does', (_name, act, rc) => {
  expect(act(new Bench('dummy'))).toBe(rc);
});

test('a veth whose peer refuses a frame answers NET_XMIT_DROP, which a socket hears as ENOBUFS', () => {
  const b = new Bench('veth');
  devSetMtu(b.peer!, 1000);
  expect(b.send(1019)).toBe(NET_XMIT_DROP);
});

test('wslink without memory for a frame that came has dropped it', () => {
  const b = new Bench('wslink', 64);
  const held = Array.from({ length: 64 }, () => b.net.pool.alloc()!);
  b.arrive(own(b), { count: 2 });
  b.settle();
  expect(devGetStats(b.dev)).toMatchObject({ rxPackets: 0, rxDropped: 2, rxMissedErrors: 0 });
  expect(dropsByReason(b.dev.drops)).toEqual({ NOMEM: 2 });
  for (const skb of held) consumeSkb(skb);
});

test('on a pair every frame is received, or dropped with a reason at the one end and counted at the other', () => {
  const b = new Bench('veth');
  devSetMtu(b.peer!, 1000);
  for (const [length, count] of [[60, 700], [1019, 5], [1018, 400]] as const) b.send(length, count); // biome-ignore format: one line
  b.settle();
  const [tx, rx] = [devGetStats(b.dev), devGetStats(b.peer!)];
  const reasons = dropsByReason(b.peer!.drops);
  expect([tx.txPackets, tx.txDropped]).toEqual([rx.rxPackets, rx.rxDropped]);
  expect([tx.txPackets + tx.txDropped, reasons]).toEqual([1105, { PKT_TOO_BIG: 5, CPU_BACKLOG: 100 }]);
});
