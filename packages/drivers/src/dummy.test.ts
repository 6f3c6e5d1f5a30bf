import {
  devChangeCarrier,
  devGraftQdisc,
  devOpen,
  devQueueXmit,
  Net,
  PfifoFast,
  rtnlNewLink,
  SKB_DROP_REASON_QDISC_DROP,
} from '@etherloom/netcore';
import { heapPerCall, VirtualHost } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import { contractFrame, netDeviceContract } from './contract.ts';
import { dummyLinkOps } from './dummy.ts';

const create = () => ({ dev: rtnlNewLink(new Net(new VirtualHost()), dummyLinkOps, {}) });

netDeviceContract('dummy', create, { test, expect });

test('a dummy whose carrier is cut drops at noop: a reason, but no device counter', () => {
  const { dev } = create();
  devOpen(dev);
  devChangeCarrier(dev, false);
  devQueueXmit(contractFrame(dev));
  expect(dev.stats).toMatchObject({ txPackets: 0, txDropped: 0 });
  expect(dev.drops[SKB_DROP_REASON_QDISC_DROP]).toBe(1);
});

test('the data path allocates nothing per frame: pool, qdisc and transmit', () => {
  const { dev } = create();
  devOpen(dev);
  devGraftQdisc(dev, () => new PfifoFast());
  const pool = dev.pool;
  const sendOneFrame = () => {
    const skb = pool.alloc(60)!;
    skb.put(60);
    skb.dev = dev;
    devQueueXmit(skb);
  };
  expect(heapPerCall(sendOneFrame)).toBeLessThan(1);
});
