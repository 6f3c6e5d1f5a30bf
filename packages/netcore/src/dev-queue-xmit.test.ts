import { RingNic, type RingNicOptions, superFrame, testSkb, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { allocNetdev } from './alloc-netdev.ts';
import { devClose, devOpen } from './dev-flags.ts';
import { netifDeviceAttach, netifDeviceDetach } from './dev-presence.ts';
import { devQueueXmit } from './dev-queue-xmit.ts';
import { devSetTxQueueLen } from './dev-settings.ts';
import {
  SKB_DROP_REASON_DEV_READY,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_QDISC_DROP,
  SKB_DROP_REASON_QUEUE_PURGE,
  SKB_DROP_REASON_RECURSION_LIMIT,
} from './drop-reason.ts';
import { netdevXmitMore } from './hard-xmit.ts';
import { IFF_UP } from './if.ts';
import { netifCarrierOff, netifCarrierOn } from './link-watch.ts';
import { Net } from './net.ts';
import type { NetDevice, NetDeviceOps } from './net-device.ts';
import { NETIF_F_HW_CSUM, NETIF_F_TSO } from './netdev-features.ts';
import { qdiscShow } from './qdisc-show.ts';
import { registerNetdev } from './register.ts';
import { devGraftQdisc } from './sched/activate.ts';
import { PfifoFast } from './sched/pfifo-fast.ts';
import { consumeSkb, type SkbPoolLimits } from './skb-pool.ts';
import { netifStopQueue, netifWakeQueue } from './tx-queue.ts';
import {
  ENETDOWN,
  NET_XMIT_CN,
  NET_XMIT_DROP,
  NET_XMIT_SUCCESS,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
} from './xmit.ts';

function card(options: RingNicOptions = {}, pool: SkbPoolLimits = {}) {
  const host = new VirtualHost();
  const log: string[] = [];
  const nic = new RingNic(new Net(host, { pool, printk: (text) => log.push(text) }), options);
  devOpen(nic.dev);
  const send = (len = 60, priority = 0) => {
    const skb = testSkb(nic.dev, len);
    skb.priority = priority;
    return devQueueXmit(skb);
  };
  return { host, log, nic, dev: nic.dev, send };
}

describe('through pfifo_fast', () => {
  test('an empty queue is bypassed: the frame is in the ring when the call returns', () => {
    const { nic, dev, send } = card();
    expect(send()).toBe(NET_XMIT_SUCCESS);
    expect([nic.sent, dev.qdisc.qlen, dev.qdisc.packets, dev.qdisc.bytes]).toEqual([['60'], 0, 1, 60]);
  });

  test('a full ring stops the queue, frames wait, and a completion sends them in order', () => {
    const { nic, dev, send } = card({ ring: 4 });
    for (let len = 60; len < 70; len++) send(len);
    expect([nic.sent.length, dev.qdisc.qlen, nic.busy]).toEqual([4, 6, 0]);
    nic.complete();
    expect(nic.sent).toEqual(['60', '61', '62', '63', '64', '65', '66', '67']);
    nic.complete(1);
    expect([nic.sent.length, dev.qdisc.qlen]).toEqual([9, 1]);
  });

  test('lower bands go first, each in its own order', () => {
    const { nic, send } = card({ ring: 2 });
    for (const [len, priority] of [
      [60, 0],
      [61, 0],
      [70, 2],
      [71, 0],
      [72, 6],
      [73, 2],
      [74, 7],
    ] as const) {
      send(len, priority);
    }
    for (let i = 0; i < 3; i++) nic.complete();
    expect(nic.sent.slice(2)).toEqual(['72', '74', '71', '70', '73']);
  });

  test('each band holds txqueuelen frames; one more is a qdisc drop with a reason and no device counter', () => {
    const { dev, send } = card({ ring: 2 });
    for (let i = 0; i < 1002; i++) expect(send()).toBe(NET_XMIT_SUCCESS);
    expect(send()).toBe(NET_XMIT_DROP);
    expect(send(60, 6)).toBe(NET_XMIT_SUCCESS);
    expect(dev.drops[SKB_DROP_REASON_QDISC_DROP]).toBe(1);
    expect(dev.stats.txDropped).toBe(0);
    expect(qdiscShow(dev)).toMatchObject([
      { kind: 'pfifo_fast', handle: '0:', drops: 1, qlen: 1001, backlog: 60_060, root: true },
    ]);
  });

  test('a shorter queue drops at once what it no longer holds', () => {
    const { nic, dev, send } = card({ ring: 2 });
    for (let len = 60; len < 72; len++) send(len);
    devSetTxQueueLen(dev, 4);
    expect([dev.qdisc.qlen, dev.qdisc.drops, dev.qdisc.backlog]).toEqual([4, 6, 62 + 63 + 64 + 65]);
    nic.complete();
    nic.complete();
    expect(nic.sent.slice(2)).toEqual(['62', '63', '64', '65']);
    devSetTxQueueLen(dev, 0);
    expect([send(), send(), send()]).toEqual([NET_XMIT_DROP, NET_XMIT_DROP, NET_XMIT_DROP]);
    nic.complete();
    expect([send(66), send(67), send(), dev.qdisc.qlen]).toEqual([0, 0, NET_XMIT_DROP, 0]);
    expect(nic.sent.slice(6)).toEqual(['66', '67']);
  });

  test('an answer of BUSY keeps the frame, first in line, and it is sent when there is room', () => {
    const { host, nic, dev, send } = card({ ring: 2, rude: true });
    for (const len of [60, 61, 62, 63]) send(len);
    expect([dev.qdisc.qlen, dev.qdisc.requeues > 0, nic.busy > 0]).toEqual([2, true, true]);
    nic.complete();
    host.runTurn();
    expect(nic.sent).toEqual(['60', '61', '62', '63']);
    expect([dev.qdisc.qlen, dev.qdisc.backlog, dev.qdisc.packets]).toEqual([0, 0, 4]);
  });
});

test('frames that were let go together and refused keep their order, however often the driver is busy', () => {
  const { host, nic, dev, send } = card({ ring: 64, bql: true });
  dev.txq[0]!.dql.minLimit = 100_000;
  send();
  nic.complete();
  const { ndoStartXmit } = dev.netdevOps;
  let shown = 0;
  dev.netdevOps = {
    ...dev.netdevOps,
    ndoStartXmit: (skb, d) => (shown++ % 3 === 1 ? ndoStartXmit(skb, d) : NETDEV_TX_BUSY),
  };
  netifStopQueue(dev);
  for (let len = 61; len < 81; len++) send(len);
  netifWakeQueue(dev);
  host.runTurns();
  expect(nic.sent.map(Number.parseFloat)).toEqual(Array.from({ length: 21 }, (_, i) => 60 + i));
  nic.complete();
  expect([dev.qdisc.qlen, dev.qdisc.backlog, dev.pool.inUse]).toEqual([0, 0, 0]);
});

test('a qdisc taken off by the very transmit it runs drops what it was about to put back', () => {
  const { host, nic, dev, send } = card({ ring: 64, bql: true });
  for (let i = 0; i < 4; i++) send(1000);
  const { ndoStartXmit } = dev.netdevOps;
  dev.netdevOps = {
    ...dev.netdevOps,
    ndoStartXmit: (skb, d) => {
      const rc = ndoStartXmit(skb, d);
      if (netdevXmitMore(d)) devClose(d);
      return rc;
    },
  };
  for (let i = 0; i < 40; i++) send(1000);
  for (let i = 0; i < 12; i++) nic.complete();
  host.runTurns();
  const { length } = nic.sent;
  expect([(dev.flags & IFF_UP) !== 0, dev.pool.inUse]).toEqual([false, 0]);
  expect(length + dev.drops[SKB_DROP_REASON_QUEUE_PURGE]!).toBe(44);
});

describe('byte queue limits', () => {
  test('the first frame closes the queue until it completes; the limit then grows with the load', () => {
    const { nic, dev, send } = card({ ring: 64, bql: true });
    for (let i = 0; i < 40; i++) send(1000);
    expect(nic.sent.length).toBe(1);
    for (let i = 0; i < 12; i++) nic.complete();
    expect([nic.sent.length, dev.qdisc.qlen]).toEqual([40, 0]);
    expect(dev.txq[0]!.dql.limit).toBeGreaterThan(1000);
  });

  test('frames let go together are announced: more follows, up to the last', () => {
    const { nic, send } = card({ ring: 64, bql: true });
    for (let i = 0; i < 40; i++) send(1000);
    for (let i = 0; i < 12; i++) nic.complete();
    expect(nic.sent.filter((s) => s.endsWith('+')).length).toBeGreaterThan(10);
    expect(nic.sent.at(-1)).toBe('1000');
  });

  test('no more follows when the rest of a bulk had to be dropped for want of memory', () => {
    const { nic, dev, send } = card({ ring: 64, bql: true }, { small: 130 });
    dev.txq[0]!.dql.minLimit = 100_000;
    send();
    nic.complete();
    netifStopQueue(dev);
    send(61);
    const cloned = superFrame(dev, 100, 100);
    cloned.gsoSize = 0; // its checksum alone is left to do, in bytes that somebody else reads too
    const clone = cloned.clone()!;
    devQueueXmit(cloned);
    while (dev.pool.alloc() !== null);
    netifWakeQueue(dev);
    dev.net.irq(() => {});
    expect(nic.sent).toEqual(['60', '61']);
    expect([dev.stats.txDropped, dev.drops[SKB_DROP_REASON_NOMEM]]).toEqual([1, 1]);
    consumeSkb(clone);
  });

  test('segments of a super-frame go to the driver together, and announce each other', () => {
    const { nic, dev } = card({ bql: true });
    devQueueXmit(superFrame(dev, 3000, 1000));
    expect([nic.sent, dev.qdisc.requeues]).toEqual([['1054+', '1054+', '1054'], 0]);
  });

  test('a super-frame that waits is cut when its device can no longer do it, and left whole when it can again', () => {
    const { nic, dev, host, send } = card({ ring: 8 });
    dev.features = NETIF_F_HW_CSUM | NETIF_F_TSO;
    for (let i = 0; i < 8; i++) send();
    for (let i = 0; i < 2; i++) devQueueXmit(superFrame(dev, 2000, 1000));
    expect([dev.qdisc.qlen, dev.qdisc.backlog]).toEqual([2, 2 * 2054]);
    dev.features = 0;
    nic.complete(2);
    expect(nic.sent.slice(8)).toEqual(['1054+', '1054']);
    dev.features = NETIF_F_HW_CSUM | NETIF_F_TSO;
    nic.complete();
    host.runTurns();
    expect(nic.sent.slice(10)).toEqual(['2054']);
    nic.complete();
    expect([dev.qdisc.qlen, dev.qdisc.backlog, dev.pool.inUse]).toEqual([0, 0, 0]);
  });

  test('a device that goes down and up starts afresh', () => {
    const { nic, dev, send } = card({ bql: true });
    send(1000);
    devClose(dev);
    devOpen(dev);
    expect([dev.txq[0]!.state, dev.txq[0]!.dql.avail(), dev.pool.inUse]).toEqual([0, 0, 0]);
    send(1000);
    expect(nic.sent.length).toBe(2);
  });
});

describe('carrier and admin state', () => {
  test('without carrier noop drops: CN, a reason, no device counter; what waited is purged', () => {
    const { dev, send, nic } = card({ ring: 2 });
    for (let i = 0; i < 5; i++) send();
    netifCarrierOff(dev);
    expect(send()).toBe(NET_XMIT_CN);
    expect(dev.drops[SKB_DROP_REASON_QDISC_DROP]).toBe(1);
    expect(dev.drops[SKB_DROP_REASON_QUEUE_PURGE]).toBe(3);
    expect(dev.stats).toMatchObject({ txPackets: 2, txDropped: 0 });
    netifCarrierOn(dev);
    nic.complete();
    expect([send(), nic.sent.length]).toEqual([NET_XMIT_SUCCESS, 3]);
  });

  test('the configured qdisc and its counters outlive the carrier and the admin state', () => {
    const { dev, send } = card();
    send();
    const q = dev.qdisc;
    netifCarrierOff(dev);
    netifCarrierOn(dev);
    devClose(dev);
    devOpen(dev);
    expect([dev.qdisc === q, q.packets, dev.txq[0]!.qdisc === q]).toEqual([true, 1, true]);
  });

  test('a grafted qdisc has a handle of its own; taking it off restores the default', () => {
    const { dev, send, nic } = card();
    devGraftQdisc(dev, () => new PfifoFast());
    send();
    expect([qdiscShow(dev)[0]!.handle, nic.sent.length]).toEqual(['8001:', 1]);
    devGraftQdisc(dev, null);
    expect(qdiscShow(dev)).toMatchObject([{ kind: 'pfifo_fast', handle: '0:', packets: 0 }]);
  });

  test('a qdisc is changed without carrier too, and frames pass it when the carrier is back', () => {
    const { dev, send, nic } = card();
    netifCarrierOff(dev);
    devGraftQdisc(dev, () => new PfifoFast());
    expect(qdiscShow(dev)[0]).toMatchObject({ handle: '8001:' });
    devGraftQdisc(dev, null);
    expect(dev.qdisc.kind).toBe('pfifo_fast');
    expect(send()).toBe(NET_XMIT_CN);
    netifCarrierOn(dev);
    expect([send(), nic.sent]).toEqual([NET_XMIT_SUCCESS, ['60']]);
  });

  test('handles go round after ffff:', () => {
    const { dev } = card();
    dev.net.nextQdiscHandle = 0xffff;
    const handles = [1, 2].map(() => {
      devGraftQdisc(dev, () => new PfifoFast());
      return qdiscShow(dev)[0]!.handle;
    });
    expect(handles).toEqual(['ffff:', '8001:']);
  });
});

describe('a device without queue', () => {
  function virtual(ops: Partial<NetDeviceOps> = {}) {
    const log: string[] = [];
    const net = new Net(new VirtualHost(), { printk: (text) => log.push(text) });
    const dev: NetDevice = allocNetdev(net, 'v%d', (d) => {
      d.netdevOps = {
        ndoStartXmit: (skb) => {
          consumeSkb(skb);
          return NETDEV_TX_OK;
        },
        ...ops,
      };
    });
    registerNetdev(dev);
    devOpen(dev);
    return { dev, log };
  }

  test('it is called directly', () => {
    const { dev } = virtual();
    expect([dev.qdisc.kind, devQueueXmit(testSkb(dev)), dev.pool.inUse]).toEqual(['noqueue', 0, 0]);
  });

  test('one frame after another is no loop', () => {
    const { dev, log } = virtual();
    for (let i = 0; i < 20; i++) devQueueXmit(testSkb(dev));
    expect([log, dev.stats.txDropped]).toEqual([[], 0]);
  });

  test('it may not ask for a queue: the frame is dropped with the words of the kernel', () => {
    const { dev, log } = virtual();
    netifStopQueue(dev);
    expect(devQueueXmit(testSkb(dev))).toBe(-ENETDOWN);
    expect(log).toEqual(['Virtual device v0 asks to queue packet!']);
    expect([dev.stats.txDropped, dev.drops[SKB_DROP_REASON_DEV_READY], dev.pool.inUse]).toEqual([1, 1, 0]);
  });

  test('nor in the midst of a super-frame: what is left of it is dropped, each segment counted', () => {
    const { dev, log } = virtual({
      ndoStartXmit: (skb, d) => {
        consumeSkb(skb);
        netifStopQueue(d);
        return NETDEV_TX_OK;
      },
    });
    expect(devQueueXmit(superFrame(dev, 4000, 1000))).toBe(-ENETDOWN);
    expect(log).toEqual(['Virtual device v0 asks to queue packet!']);
    expect([dev.stats.txDropped, dev.drops[SKB_DROP_REASON_DEV_READY], dev.pool.inUse]).toEqual([3, 3, 0]);
  });

  test('a loop of devices ends', () => {
    const { dev, log } = virtual({ ndoStartXmit: (skb) => devQueueXmit(skb) & 0 });
    devQueueXmit(testSkb(dev));
    expect(log).toEqual(['Dead loop on virtual device v0, fix it urgently!']);
    expect([dev.drops[SKB_DROP_REASON_RECURSION_LIMIT], dev.pool.inUse]).toEqual([1, 0]);
  });
});

describe('the watchdog', () => {
  test('barks when a queue has been stopped for five seconds, and again after five more', () => {
    const { host, nic, dev, log, send } = card({ ring: 2 });
    host.advance(1000);
    send();
    send();
    host.advance(4999);
    expect(nic.timeouts).toBe(0);
    host.advance(1);
    expect(log).toEqual(['eth0: NETDEV WATCHDOG: CPU: 0: transmit queue 0 timed out 5000 ms']);
    host.advance(5000);
    expect([nic.timeouts, dev.txq[0]!.transTimeout]).toEqual([2, 2]);
  });

  test('keeps quiet while frames complete, without carrier, and when the device is detached or down', () => {
    const { host, nic, dev, send } = card({ ring: 2 });
    for (let i = 0; i < 10; i++) {
      send();
      send();
      host.advance(3000);
      nic.complete();
    }
    send();
    send();
    netifCarrierOff(dev);
    host.advance(20_000);
    netifCarrierOn(dev);
    netifDeviceDetach(dev);
    host.advance(20_000);
    netifDeviceAttach(dev);
    devClose(dev);
    host.advance(20_000);
    expect([nic.timeouts, host.pendingTimers]).toEqual([0, 0]);
  });
});
