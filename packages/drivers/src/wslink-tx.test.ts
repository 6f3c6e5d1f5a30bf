import {
  devOpen,
  devQueueXmit,
  Net,
  netifCarrierOk,
  netifTxQueueStopped,
  rtnlNewLink,
  SKB_DROP_REASON_DEV_CARRIER,
  SKB_DROP_REASON_QUEUE_PURGE,
} from '@etherloom/netcore';
import { VirtualHost } from '@etherloom/testkit';
import { createMemoryPair, type Transport } from '@etherloom/transport';
import { expect, test } from 'vitest';
import { wslinkLinkOps } from './wslink.ts';

function createUp() {
  const host = new VirtualHost();
  const net = new Net(host);
  const [near, far] = createMemoryPair((fn) => host.endOfTurn(fn));
  const heard: number[] = [];
  const message = (_buf: Uint8Array, _at: number, _length: number, frames: number) => void heard.push(frames);
  far.handler = { linkUp() {}, linkDown() {}, message, sent() {}, control() {} };
  far.open();
  const dev = rtnlNewLink(net, wslinkLinkOps, { name: 'eth0', transport: near, epoch: 'e1' });
  devOpen(dev);
  host.runTurns();
  const frame = () => {
    const skb = dev.pool.alloc(60)!;
    skb.put(60);
    skb.dev = dev;
    return skb;
  };
  const xmit = () => devQueueXmit(frame());
  const post = () => dev.netdevOps.ndoStartXmit(frame(), dev);
  return { host, dev, near, far, heard, xmit, post };
}

test('frames that a closing cable refuses are carrier errors, and the queue is open again when it is back', () => {
  const { host, dev, near, far, xmit, post } = createUp();
  const { send } = near;
  // A WebSocket that closes is up until its close event, and takes nothing.
  const cable = near as { -readonly [K in keyof Transport]: Transport[K] };
  cable.send = () => false;
  for (let i = 0; i < 5; i++) post();
  host.runTurns();
  expect([netifCarrierOk(dev), netifTxQueueStopped(dev.txq[0]!)]).toEqual([true, true]);
  expect(dev.stats).toMatchObject({ txPackets: 0, txErrors: 5, txCarrierErrors: 5 });
  for (let i = 0; i < 3; i++) xmit();
  far.close();
  host.runTurns();
  expect(netifCarrierOk(dev)).toBe(false);
  cable.send = send;
  far.open();
  host.runTurns();
  expect([netifCarrierOk(dev), netifTxQueueStopped(dev.txq[0]!)]).toEqual([true, false]);
  xmit();
  host.runTurns();
  expect(dev.stats).toMatchObject({ txPackets: 1, txErrors: 5 });
  // The three that waited for the queue never saw the driver.
  const { [SKB_DROP_REASON_DEV_CARRIER]: lost, [SKB_DROP_REASON_QUEUE_PURGE]: purged } = dev.drops;
  expect([lost, purged, dev.pool.inUse]).toEqual([5, 3, 0]);
});

test('a long burst goes round in few skbs: the ring is emptied while it is still being filled', () => {
  const { host, dev, heard, post } = createUp();
  let most = 0;
  for (let i = 0; i < 900; i++) {
    expect(post()).toBe(0);
    most = Math.max(most, dev.pool.inUse);
  }
  expect([most, heard]).toEqual([63, []]);
  host.runTurns();
  expect([heard, dev.stats.txPackets, dev.pool.inUse]).toEqual([[900], 900, 0]);
});

test('what was fetched for a message that never left is lost with the wire, and counted', () => {
  const { host, dev, near, heard, post } = createUp();
  for (let i = 0; i < 100; i++) post();
  near.close();
  host.runTurns();
  expect(heard).toEqual([]);
  expect(dev.stats).toMatchObject({ txPackets: 0, txErrors: 100, txCarrierErrors: 100 });
  expect([dev.drops[SKB_DROP_REASON_DEV_CARRIER], dev.pool.inUse]).toEqual([100, 0]);
});
