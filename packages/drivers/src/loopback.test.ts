import { ETH_P_ALL } from '@etherloom/frame';
import {
  consumeSkb,
  devOpen,
  devQueueXmit,
  ipLinkShow,
  Net,
  PACKET_HOST,
  type SkBuff,
} from '@etherloom/netcore';
import { VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { contractFrame, netDeviceContract } from './contract.ts';
import { loopbackNetInit } from './loopback.ts';

function create() {
  const host = new VirtualHost();
  const dev = loopbackNetInit(new Net(host));
  const receive = () => void devQueueXmit(contractFrame(dev));
  return { dev, settle: () => host.runTurns(), counted: 46, receive };
}

netDeviceContract('loopback', create, { test, expect });

test('what lo sends it receives, in the next softirq, for its own host', () => {
  const { dev, settle } = create();
  const got: number[] = [];
  dev.net.devAddPack(0x88b5, (skb: SkBuff) => {
    got.push(skb.pktType, skb.len);
    consumeSkb(skb);
  });
  devOpen(dev);
  const skb = contractFrame(dev);
  skb.buf.fill(0, skb.data, skb.data + 6); // its own address, all zero
  devQueueXmit(skb);
  expect(got).toEqual([]);
  settle();
  expect(got).toEqual([PACKET_HOST, 46]);
  expect(dev.stats).toMatchObject({ rxPackets: 1, rxBytes: 46, txPackets: 1, txBytes: 46 });
});

test('a tap sees a looped frame twice and consumes neither', () => {
  const { dev, settle } = create();
  let seen = 0;
  const untap = dev.net.devAddPack(ETH_P_ALL, () => seen++);
  devOpen(dev);
  devQueueXmit(contractFrame(dev));
  settle();
  untap();
  devQueueXmit(contractFrame(dev));
  settle();
  expect([seen, dev.pool.inUse]).toEqual([2, 0]);
});

test('lo looks as it does on Linux: up without ever signalling, UNKNOWN', () => {
  const { dev } = create();
  devOpen(dev);
  expect(ipLinkShow(dev)).toMatchObject({
    ifindex: 1,
    ifname: 'lo',
    flags: ['LOOPBACK', 'UP', 'LOWER_UP'],
    mtu: 65536,
    qdisc: 'noqueue',
    operstate: 'UNKNOWN',
    link_type: 'loopback',
    min_mtu: 0,
    max_mtu: 0,
  });
});
