import { Net } from '@etherloom/netcore';
import { mac, VirtualHost } from '@etherloom/testkit';
import { createMemoryPair, type Transport } from '@etherloom/transport';
import { expect, test } from 'vitest';
import { LabNic } from './lab-nic.ts';
import { NicCounters } from './nic-counters.ts';
import { NIC_IRQ_RX, NIC_IRQ_TX, NicIrq } from './nic-irq.ts';
import { NicRing } from './nic-ring.ts';

interface Bench {
  readonly host: VirtualHost;
  readonly nic: LabNic;
  readonly far: Transport;
  /** Bytes of the frames that left, by their length. */
  readonly lengths: number[];
}

function bench(): Bench {
  const host = new VirtualHost();
  const [near, far] = createMemoryPair((fn) => host.endOfTurn(fn));
  const lengths: number[] = [];
  far.handler = {
    linkUp() {},
    linkDown() {},
    message(buf, offset, _length, frames) {
      const view = new DataView(buf.buffer, buf.byteOffset);
      for (let i = 0, at = offset; i < frames; i++) {
        lengths.push(view.getUint32(at));
        at += 4 + view.getUint32(at);
      }
    },
    sent() {},
    control() {},
  };
  far.open();
  const nic = new LabNic(new Net(host), near);
  nic.plugIn();
  host.advance(1);
  return { host, nic, far, lengths };
}

function arrive({ host, far }: Bench, ...lengths: number[]): void {
  const batch = new Uint8Array(lengths.reduce((sum, length) => sum + 4 + length, 0));
  let at = 0;
  for (const length of lengths) {
    new DataView(batch.buffer).setUint32(at, length);
    batch.set(mac(1), at + 4);
    at += 4 + length;
  }
  far.send(batch, 0, batch.length, 1);
  host.advance(1);
}

/** Gives the card all but one descriptor, each with room for `room` bytes. */
function post(nic: LabNic, size: number, room = 2048): void {
  const buf = new Uint8Array(size * room);
  nic.rx.setup(size);
  nic.rx.descs.forEach((desc, i) => void Object.assign(desc, { buf, at: i * room, len: room }));
  nic.rx.tail = size - 1;
}

test('a frame that is sent while the card has no link is lost, and counted by the card', () => {
  const { nic, host, lengths } = bench();
  expect(nic.send(new Uint8Array(60), 0, 60)).toBe(true);
  host.advance(1);
  expect([lengths, nic.counters.txLost, nic.counters.txFrames]).toEqual([[], 1, 0]);
});

test('what is posted in one turn leaves in one message, and each descriptor is done', () => {
  const { nic, host, lengths } = bench();
  nic.start();
  nic.tx.setup(8);
  for (let i = 0; i < 5; i++) {
    Object.assign(nic.tx.descs[i]!, { buf: new Uint8Array(100), at: 0, len: 60 + i });
    nic.tx.tail = i + 1;
  }
  expect(nic.tx.pending).toBe(5);
  host.advance(1);
  expect(lengths).toEqual([60, 61, 62, 63, 64]);
  expect(nic.counters).toMatchObject({ txMessages: 1, txDoorbells: 5, txFrames: 5, txBytes: 310 });
  expect(nic.tx.descs.map(({ done, error }) => done && !error)).toEqual([
    ...Array(5).fill(true),
    false,
    false,
    false,
  ]);
});

test('a descriptor whose frame no wire can carry is done with an error', () => {
  const { nic, host } = bench();
  nic.start();
  nic.tx.setup(8);
  Object.assign(nic.tx.descs[0]!, { buf: new Uint8Array(100), at: 0, len: 10 });
  nic.tx.tail = 1;
  host.advance(1);
  expect(nic.tx.descs[0]).toMatchObject({ done: true, error: true });
  expect(nic.counters.txLost).toBe(1);
});

test('frames that find no descriptor wait in the card, and come when there is one', () => {
  const rig = bench();
  const { nic } = rig;
  nic.start();
  post(nic, 4);
  arrive(rig, 60, 61, 62, 63, 64);
  expect(nic.rx.descs.map(({ done, len }) => (done ? len : 0))).toEqual([60, 61, 62, 0]);
  Object.assign(nic.rx.descs[0]!, { done: false, len: 2048 });
  nic.rx.tail = 0;
  expect(nic.rx.descs[3]).toMatchObject({ done: true, len: 63 });
  expect(nic.counters).toMatchObject({ rxFrames: 4, rxMissed: 0 });
});

test('a card whose own buffer is full misses frames, and counts them', () => {
  const rig = bench();
  rig.nic.start();
  post(rig.nic, 4);
  for (let i = 0; i < 30; i++) arrive(rig, ...Array(30).fill(1500));
  const { rxFrames, rxMissed } = rig.nic.counters;
  expect(rxFrames).toBe(3);
  expect(rxMissed).toBeGreaterThan(100);
  expect(rxMissed).toBeLessThan(300);
});

test('a frame that does not fit the room is lost: the descriptor has its length and an error', () => {
  const rig = bench();
  rig.nic.start();
  post(rig.nic, 4, 100);
  arrive(rig, 60, 200, 60);
  expect(rig.nic.rx.descs.slice(0, 3).map(({ len, error }) => [len, error])).toEqual([
    [60, false],
    [200, true],
    [60, false],
  ]);
});

test('a card that is stopped receives nothing, and counts what came', () => {
  const rig = bench();
  rig.nic.start();
  post(rig.nic, 4);
  rig.nic.stop();
  arrive(rig, 60);
  expect(rig.nic.counters).toMatchObject({ rxFrames: 0, rxWhileStopped: 1 });
});

test('a tail outside of the ring is refused', () => {
  const ring = new NicRing(() => {});
  ring.setup(4);
  for (const tail of [-1, 4, 1.5]) {
    expect(() => {
      ring.tail = tail;
    }).toThrow(/the ring has descriptors 0 to 3/);
  }
});

function line(): { irq: NicIrq; host: VirtualHost; calls: number[] } {
  const host = new VirtualHost();
  const calls: number[] = [];
  const irq = new NicIrq(host, { interrupt: (fn) => fn(), call: (fn) => fn() }, new NicCounters());
  irq.request(() => void calls.push(irq.readCause()));
  return { irq, host, calls };
}

test('a masked cause is noted, and interrupts when it is unmasked', () => {
  const { irq, calls } = line();
  irq.raise(NIC_IRQ_RX);
  irq.raise(NIC_IRQ_TX);
  expect(calls).toEqual([]);
  irq.enable();
  expect(calls).toEqual([NIC_IRQ_RX | NIC_IRQ_TX]);
});

test('the handler is called again while a cause is left, and not within itself', () => {
  const { irq, calls } = line();
  irq.request(() => {
    calls.push(irq.readCause());
    if (calls.length === 1) irq.raise(NIC_IRQ_TX);
  });
  irq.enable();
  irq.raise(NIC_IRQ_RX);
  expect(calls).toEqual([NIC_IRQ_RX, NIC_IRQ_TX]);
});

test('coalescing waits for the time or for the frames, whichever is first', () => {
  const { irq, host, calls } = line();
  irq.coalesceUsecs = 5000;
  irq.coalesceFrames = 3;
  irq.enable();
  for (let i = 0; i < 3; i++) irq.raise(NIC_IRQ_RX);
  expect(calls).toHaveLength(1);
  irq.raise(NIC_IRQ_RX);
  host.advance(4.9);
  expect(calls).toHaveLength(1);
  host.advance(0.2);
  expect(calls).toHaveLength(2);
});

test('a freed line calls nobody, whatever happens', () => {
  const { irq, host, calls } = line();
  irq.coalesceUsecs = 1000;
  irq.coalesceFrames = 9;
  irq.enable();
  irq.raise(NIC_IRQ_RX);
  irq.free();
  host.advance(10);
  irq.enable();
  irq.raise(NIC_IRQ_RX);
  expect(calls).toEqual([]);
  expect(host.pendingTimers).toBe(0);
});
