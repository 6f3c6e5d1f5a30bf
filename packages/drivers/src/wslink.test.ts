import {
  consumeSkb,
  devChangeCarrier,
  devClose,
  devGetOperstate,
  devOpen,
  devQueueXmit,
  IF_OPER_DOWN,
  IF_OPER_UP,
  Net,
  netifCarrierOk,
  netifTxQueueStopped,
  rtnlDelLink,
  rtnlNewLink,
  SKB_DROP_REASON_DEV_CARRIER,
  SKB_DROP_REASON_DEV_READY,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_PKT_TOO_BIG,
  type SkBuff,
} from '@etherloom/netcore';
import { BROADCAST, ethernetFrame, heapPerCall, mac, VirtualHost } from '@etherloom/testkit';
import {
  BatchWriter,
  type CableMessage,
  createMemoryPair,
  type MarkReply,
  type Transport,
  type TransportHandler,
} from '@etherloom/transport';
import { expect, test } from 'vitest';
import { netDeviceContract } from './contract.ts';
import { wslinkCounters, wslinkLinkOps } from './wslink.ts';

const ETH_P_TEST = 0x88b5;

/** The switch's end of the cable: counts, and keeps what the test wants to look at. */
class FarEnd implements TransportHandler {
  readonly transport: Transport;
  readonly controls: CableMessage[] = [];
  readonly batches: number[] = [];
  /** Each answer to a mark, and how many frames had come before it. */
  readonly cuts: { mark: MarkReply; frames: number }[] = [];
  frames = 0;
  sentFrames = 0;

  constructor(transport: Transport) {
    this.transport = transport;
    transport.handler = this;
    transport.open();
  }
  linkUp(): void {}
  linkDown(): void {}
  sent(): void {}
  message(_buf: Uint8Array, _offset: number, _length: number, frames: number): void {
    this.frames += frames;
    this.batches.push(frames);
  }
  control(message: CableMessage): void {
    this.controls.push(message);
    if ('rx' in message) this.cuts.push({ mark: message, frames: this.frames });
  }
  send(...frames: Uint8Array[]): void {
    this.sentFrames += frames.length;
    const writer = new BatchWriter(1024 * 1024);
    for (const frame of frames) writer.append(frame, 0, frame.length);
    this.transport.send(writer.buf, 0, writer.length, 0);
  }
}

function create({ highWater = 256 * 1024, small = 32768 } = {}) {
  const host = new VirtualHost();
  const net = new Net(host, { pool: { small } });
  const [near, far] = createMemoryPair((fn) => host.endOfTurn(fn), { mtu: 9000, highWater });
  const farEnd = new FarEnd(far);
  const dev = rtnlNewLink(net, wslinkLinkOps, { name: 'eth0', transport: near, epoch: 'e1' });
  const received: number[] = [];
  net.devAddPack(ETH_P_TEST, (skb) => {
    received.push(skb.len);
    consumeSkb(skb);
  });
  return { host, net, dev, near, far: farEnd, received, settle: () => host.runTurns() };
}

function createUp(options = {}) {
  const made = create(options);
  devOpen(made.dev);
  made.settle();
  return made;
}

type Made = ReturnType<typeof create>;

function skbOf({ dev }: Pick<Made, 'dev'>, length = 60): SkBuff {
  const skb = dev.pool.alloc(length)!;
  const at = skb.put(length);
  skb.buf.fill(1, at, at + length);
  skb.dev = dev;
  return skb;
}

function xmit(made: Made, count: number, length = 60): void {
  for (let i = 0; i < count; i++) devQueueXmit(skbOf(made, length));
}

const frameFor = (dev: { devAddr: Uint8Array }, length = 60) =>
  ethernetFrame({ dst: dev.devAddr, src: mac(9), type: ETH_P_TEST, length });

function ethtool({ dev }: Made): Record<string, number> {
  const names = dev.ethtoolOps.getStrings!(dev);
  const values = dev.ethtoolOps.getEthtoolStats!(dev);
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
}

const underContract = () => {
  const made = create();
  return { ...made, receive: () => made.far.send(frameFor(made.dev)) };
};
netDeviceContract('wslink', underContract, { test, expect });

test('what one turn queues leaves in one message at its end, and a lone frame does not wait for more', () => {
  const made = createUp();
  const { dev, far, host } = made;
  for (let i = 0; i < 200; i++) dev.netdevOps.ndoStartXmit(skbOf(made), dev);
  expect(far.batches).toEqual([]);
  made.settle();
  expect(far.batches).toEqual([200]);
  devQueueXmit(skbOf(made));
  host.runTurn(); // the doorbell
  host.runTurn(); // the wire
  expect(far.batches).toEqual([200, 1]);
  expect(ethtool(made)).toMatchObject({ tx_doorbells: 2, tx_messages: 2, tx_frames_per_message_max: 200 });
});

test('a flood through the qdisc arrives whole, in order of batches up to 64 KiB', () => {
  const made = createUp();
  for (let round = 0; round < 20; round++) {
    xmit(made, 900);
    made.settle();
  }
  expect(made.far.frames).toBe(18_000);
  expect(Math.max(...made.far.batches)).toBeGreaterThan(500);
  expect(made.dev.stats).toMatchObject({ txPackets: 18_000, txBytes: 18_000 * 60, txErrors: 0 });
  expect(made.dev.pool.inUse).toBe(0);
});

test('a ring that the cable does not empty stops the queue when it is full, never answers BUSY before, and is woken', () => {
  const made = createUp({ highWater: 1000 });
  const { dev, near } = made;
  let posted = 0;
  while ((dev.txq[0]!.state & 1) === 0) {
    expect(dev.netdevOps.ndoStartXmit(skbOf(made), dev)).toBe(0);
    posted++;
  }
  // One batch is on the wire, and no other is begun before that is written.
  expect([near.pending > 1000, ethtool(made)['tx_ring_pending']]).toEqual([true, 1024]);
  made.settle();
  expect([dev.txq[0]!.state, made.far.frames, dev.pool.inUse]).toEqual([0, posted, 0]);
  expect(ethtool(made)['tx_ring_pending']).toBe(0);
});

test('above the high-water mark frames wait in ring and qdisc, none is lost, and all leave once the cable drains', () => {
  const made = createUp({ highWater: 1000 });
  const { dev, host, near, far } = made;
  let most = 0;
  for (let turn = 0; turn < 50; turn++) {
    if (dev.qdisc.qlen < 100) xmit(made, 200, 1514);
    host.runTurn();
    most = Math.max(most, near.pending);
  }
  made.settle();
  expect(most).toBeLessThanOrEqual(1000 + 64 * 1024);
  expect(ethtool(made)['tx_queue_stopped']).toBeGreaterThan(0);
  expect(dev.stats.txPackets).toBe(far.frames);
  expect([dev.stats.txErrors, dev.stats.txDropped, dev.pool.inUse, dev.qdisc.qlen]).toEqual([0, 0, 0, 0]);
});

test('the carrier needs the cable, the link and the device: each alone takes it away and brings it back', () => {
  const made = create();
  const { dev, far, near, settle } = made;
  settle();
  expect(netifCarrierOk(dev)).toBe(false);
  devOpen(dev);
  settle();
  expect([netifCarrierOk(dev), devGetOperstate(dev)]).toEqual([true, IF_OPER_UP]);
  far.transport.control({ type: 'carrier', on: false });
  settle();
  expect([netifCarrierOk(dev), devGetOperstate(dev)]).toEqual([false, IF_OPER_DOWN]);
  far.transport.control({ type: 'carrier', on: true });
  settle();
  expect(netifCarrierOk(dev)).toBe(true);
  far.transport.close();
  settle();
  expect([netifCarrierOk(dev), near.up]).toEqual([false, false]);
  far.transport.open();
  settle();
  expect(netifCarrierOk(dev)).toBe(true);
  devClose(dev);
  expect(netifCarrierOk(dev)).toBe(false);
  expect([dev.carrierUpCount, dev.carrierDownCount]).toEqual([3, 3]);
});

test('the switch is told when the device goes up and down and when it is unplugged', () => {
  const { dev, far, settle } = createUp();
  devChangeCarrier(dev, false);
  devChangeCarrier(dev, true);
  devClose(dev);
  settle();
  expect(far.controls.map((m) => m.type === 'carrier' && m.on)).toEqual([false, true, false]);
});

test('frames in the ring when the carrier goes count as carrier errors, with a reason', () => {
  const made = createUp();
  const { dev, far } = made;
  for (let i = 0; i < 10; i++) dev.netdevOps.ndoStartXmit(skbOf(made), dev);
  far.transport.close();
  made.settle();
  expect(dev.stats).toMatchObject({ txPackets: 0, txErrors: 10, txCarrierErrors: 10 });
  expect([dev.drops[SKB_DROP_REASON_DEV_CARRIER], dev.pool.inUse]).toEqual([10, 0]);
});

test('a mark is answered in order with the data: both counters are cut at one place', () => {
  const made = createUp();
  const { dev, far } = made;
  for (let id = 1; id <= 20; id++) {
    xmit(made, id);
    far.send(...Array.from({ length: id }, () => frameFor(dev)));
    far.transport.control({ type: 'mark', id, tx: far.sentFrames });
    made.host.runTurn();
  }
  made.settle();
  expect(far.cuts.length).toBe(20);
  for (const { mark, frames } of far.cuts) {
    expect(mark.tx).toBe(frames);
    expect(mark.rx).toBe((mark.id * (mark.id + 1)) / 2);
  }
  expect(wslinkCounters(dev)).toEqual({ epoch: 'e1', tx: far.frames, rx: far.sentFrames });
});

test('a message is one interrupt; its frames are polled with a budget and all delivered', () => {
  const made = createUp();
  const { dev, far, received } = made;
  far.send(...Array.from({ length: 700 }, () => frameFor(dev, 100)));
  made.settle();
  expect(received.length).toBe(700);
  expect(received[0]).toBe(86);
  expect(dev.stats).toMatchObject({ rxPackets: 700, rxBytes: 70_000, rxDropped: 0 });
  expect(ethtool(made)).toMatchObject({ rx_interrupts: 1, rx_napi_full_polls: 2, rx_ring_pending: 0 });
});

test('a frame longer than the MTU, its header and a tag is a length error, and the next one is received', () => {
  const { dev, far, received, settle } = createUp();
  far.send(frameFor(dev, 1518), frameFor(dev, 1519), frameFor(dev, 60));
  settle();
  expect(received.length).toBe(2);
  expect(dev.stats).toMatchObject({ rxPackets: 2, rxErrors: 1, rxLengthErrors: 1, rxOverErrors: 1 });
  expect(dev.drops[SKB_DROP_REASON_PKT_TOO_BIG]).toBe(1);
});

test('without memory for an skb the frame is dropped and counted', () => {
  const { dev, far, settle, net } = createUp({ small: 4 });
  const held = [net.pool.alloc(), net.pool.alloc(), net.pool.alloc(), net.pool.alloc()];
  far.send(frameFor(dev), frameFor(dev));
  settle();
  expect([dev.stats.rxDropped, dev.drops[SKB_DROP_REASON_NOMEM]]).toEqual([2, 2]);
  for (const skb of held) consumeSkb(skb!);
});

test('frames for a device that is down are counted, and a multicast one is counted as such when up', () => {
  const { dev, far, settle } = createUp();
  far.send(ethernetFrame({ dst: Uint8Array.of(1, 0, 0x5e, 0, 0, 1), src: mac(9), type: ETH_P_TEST }));
  far.send(ethernetFrame({ dst: BROADCAST, src: mac(9), type: ETH_P_TEST }));
  settle();
  expect(dev.stats).toMatchObject({ rxPackets: 2, multicast: 1 });
  devClose(dev);
  far.send(frameFor(dev));
  settle();
  expect([dev.stats.rxDropped, dev.drops[SKB_DROP_REASON_DEV_READY]]).toEqual([1, 1]);
});

test('a receiver may close the device from inside its poll', () => {
  const { dev, far, net, settle } = createUp();
  let seen = 0;
  net.devAddPack(0x88b6, (skb) => {
    consumeSkb(skb);
    if (++seen === 3) devClose(dev);
  });
  far.send(
    ...Array.from({ length: 10 }, () => ethernetFrame({ dst: dev.devAddr, src: mac(9), type: 0x88b6 })),
  );
  settle();
  expect([seen, dev.stats.rxPackets, dev.stats.rxDropped]).toEqual([3, 3, 7]);
});

test('rings can be resized within bounds, under load too', () => {
  const made = createUp();
  const { dev } = made;
  for (let i = 0; i < 100; i++) dev.netdevOps.ndoStartXmit(skbOf(made), dev);
  const ring = dev.ethtoolOps.getRingparam!(dev);
  dev.ethtoolOps.setRingparam!(dev, { ...ring, txPending: 4096 });
  expect(() => dev.ethtoolOps.setRingparam!(dev, { ...ring, txPending: 5000 })).toThrow(/16 to 4096/);
  made.settle();
  expect(made.far.frames).toBe(100);
  expect(dev.ethtoolOps.getRingparam!(dev).txPending).toBe(4096);
});

test('a transmit ring that is shrunk to what it holds is full: the queue stops and no frame meets BUSY', () => {
  const made = createUp();
  const { dev } = made;
  for (let i = 0; i < 32; i++) dev.netdevOps.ndoStartXmit(skbOf(made), dev);
  const ring = dev.ethtoolOps.getRingparam!(dev);
  dev.ethtoolOps.setRingparam!(dev, { ...ring, txPending: 16 });
  expect(netifTxQueueStopped(dev.txq[0]!)).toBe(true);
  xmit(made, 5);
  made.settle();
  expect([made.far.frames, dev.qdisc.requeues, netifTxQueueStopped(dev.txq[0]!)]).toEqual([37, 0, false]);
});

test('a cable that takes nothing for five seconds wakes the watchdog, again and again, until it drains', () => {
  const log: string[] = [];
  const host = new VirtualHost();
  const net = new Net(host, { printk: (text) => log.push(text) });
  const held: (() => void)[] = [];
  let stuck = false;
  const [near, far] = createMemoryPair((fn) => (stuck ? held.push(fn) : host.endOfTurn(fn)), {
    highWater: 1000,
  });
  const farEnd = new FarEnd(far);
  const dev = rtnlNewLink(net, wslinkLinkOps, { name: 'eth0', transport: near, epoch: 'e1' });
  devOpen(dev);
  host.runTurns();
  stuck = true;
  for (let i = 0; i < 300; i++) devQueueXmit(skbOf({ dev }, 1514));
  host.advance(4999);
  expect(log).toEqual([]);
  host.advance(10_002);
  expect(log).toHaveLength(3);
  expect(log[0]).toBe('eth0: NETDEV WATCHDOG: CPU: 0: transmit queue 0 timed out 5000 ms');
  stuck = false;
  for (const fn of held.splice(0)) fn();
  host.runTurns();
  expect([farEnd.frames, dev.pool.inUse, dev.stats.txErrors]).toEqual([300, 0, 0]);
  host.advance(60_000);
  expect(log).toHaveLength(3);
});

test('a deleted device closes its cable and leaves no timer and no skb', () => {
  const made = createUp();
  xmit(made, 3);
  rtnlDelLink(made.dev);
  made.settle();
  expect([made.near.up, made.dev.pool.inUse, made.host.pendingTimers]).toEqual([false, 0, 0]);
});

/**
 * What a message and a poll allocate (the loan's closure, the softirq's lists) is shared by their frames: some 3 bytes
 * each. The smallest object has 16, so one allocation a frame cannot hide below this.
 */
const LESS_THAN_AN_OBJECT = 8;

test('sending allocates nothing per frame', () => {
  const made = createUp();
  const { dev, host } = made;
  const sendBatch = () => {
    for (let i = 0; i < 500; i++) {
      const skb = dev.pool.alloc(60)!;
      skb.put(60);
      skb.dev = dev;
      dev.netdevOps.ndoStartXmit(skb, dev);
    }
    host.runTurns();
    made.far.batches.length = 0;
  };
  expect(heapPerFrame(sendBatch, 500)).toBeLessThan(LESS_THAN_AN_OBJECT);
});

test('receiving allocates nothing per frame', () => {
  const { dev, net, near } = createUp();
  net.devAddPack(0x88b6, (skb) => consumeSkb(skb));
  const writer = new BatchWriter();
  const frame = ethernetFrame({ dst: dev.devAddr, src: mac(9), type: 0x88b6 });
  for (let i = 0; i < 500; i++) writer.append(frame, 0, frame.length);
  const receiveBatch = () => near.handler!.message(writer.buf, 0, writer.length, 500);
  expect(heapPerFrame(receiveBatch, 500)).toBeLessThan(LESS_THAN_AN_OBJECT);
});

/** heapPerCall for calls that handle many frames: its 100,000 calls are made of whole batches. */
function heapPerFrame(batch: () => void, frames: number): number {
  let due = 0;
  const call = () => {
    if (++due % frames === 0) batch();
  };
  return heapPerCall(call, { clean: LESS_THAN_AN_OBJECT });
}
