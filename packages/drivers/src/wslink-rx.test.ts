import { consumeSkb, devOpen, Net, rtnlNewLink, SKB_DROP_REASON_FULL_RING } from '@etherloom/netcore';
import { ethernetFrame, mac, VirtualHost } from '@etherloom/testkit';
import { BatchWriter, createMemoryPair } from '@etherloom/transport';
import { expect, test } from 'vitest';
import { wslinkLinkOps } from './wslink.ts';

const ETH_P_TEST = 0x88b5;
/** What the softirqs of one interrupt poll at most: ten passes of one weight. */
const IN_THE_INTERRUPT = 10 * 256;

/** A device whose frames come as messages lent from one buffer, spoilt after each. */
function create(mtu = 1500) {
  const host = new VirtualHost();
  const net = new Net(host);
  const [near] = createMemoryPair((fn) => host.endOfTurn(fn));
  const dev = rtnlNewLink(net, wslinkLinkOps, { name: 'eth0', transport: near, epoch: 'e1' });
  dev.mtu = mtu;
  devOpen(dev);
  const numbers: number[] = [];
  net.devAddPack(ETH_P_TEST, (skb) => {
    numbers.push(new DataView(skb.buf.buffer, skb.buf.byteOffset).getUint32(skb.data));
    consumeSkb(skb);
  });
  const writer = new BatchWriter(16 << 20);
  const lent = Buffer.from(writer.buf.buffer, writer.buf.byteOffset); // as a socket lends it
  const message = (frames: number, length: number, first: number) => {
    writer.reset();
    for (let i = 0; i < frames; i++) {
      const frame = ethernetFrame({ dst: dev.devAddr, src: mac(9), type: ETH_P_TEST, length });
      new DataView(frame.buffer).setUint32(14, first + i);
      writer.append(frame, 0, length);
    }
    near.handler!.message(lent, 0, writer.length, frames);
    writer.buf.fill(0xdb, 0, writer.length);
  };
  const setRing = (rxPending: number) =>
    dev.ethtoolOps.setRingparam!(dev, { ...dev.ethtoolOps.getRingparam!(dev), rxPending });
  const held = () => dev.ethtoolOps.getStrings!(dev).indexOf('rx_ring_pending');
  return {
    net,
    dev,
    message,
    setRing,
    numbers,
    host,
    held: () => dev.ethtoolOps.getEthtoolStats!(dev)[held()]!,
  };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

test('what is not polled within the interrupt is copied: it arrives whole although the buffer is used again', () => {
  const { message, numbers, host, held } = create();
  message(3000, 60, 0);
  expect([numbers.length, held()]).toEqual([IN_THE_INTERRUPT, 3000 - IN_THE_INTERRUPT]);
  message(10, 60, 3000);
  host.runTurns();
  expect(numbers).toEqual(upTo(3010));
});

test('what the ring cannot hold after the interrupt is missed, frame by frame, and nothing else suffers', () => {
  const { dev, message, setRing, numbers, host } = create();
  setRing(64);
  message(IN_THE_INTERRUPT + 100, 60, 0);
  host.runTurns();
  expect([dev.stats.rxMissedErrors, dev.drops[SKB_DROP_REASON_FULL_RING]]).toEqual([36, 36]);
  message(1, 60, IN_THE_INTERRUPT + 64);
  expect(numbers).toEqual(upTo(IN_THE_INTERRUPT + 65));
});

test('the ring is bounded in bytes too: 8 MiB wait at most', () => {
  const { net, dev, message, numbers, host, held } = create(9000);
  net.irq(() => {
    for (let i = 0; i < 4; i++) message(300, 9000, i * 300); // nothing is polled before the outermost returns
    expect(held()).toBe(Math.floor((8 << 20) / 9004));
  });
  host.runTurns();
  expect([numbers.length + dev.stats.rxMissedErrors, held()]).toEqual([1200, 0]);
  message(300, 9000, 0);
  host.runTurns();
  expect(numbers.length + dev.stats.rxMissedErrors).toBe(1500);
});
