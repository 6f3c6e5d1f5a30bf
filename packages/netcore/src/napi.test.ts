import { ethernetFrame, mac, RingNic, testSkb, VirtualHost } from '@etherloom/testkit';
import { describe, expect, test } from 'vitest';
import { netifRx } from './backlog.ts';
import { devClose, devOpen } from './dev-flags.ts';
import { devQueueXmit } from './dev-queue-xmit.ts';
import { SKB_DROP_REASON_CPU_BACKLOG, SKB_DROP_REASON_DEV_READY } from './drop-reason.ts';
import { allocEtherdev } from './ethernet.ts';
import { type Napi, netifNapiAdd } from './napi.ts';
import { Net } from './net.ts';
import { groFlushTimeoutStore, napiDeferHardIrqsStore } from './net-sysfs.ts';
import { registerNetdev, unregisterNetdev } from './register.ts';
import { consumeSkb } from './skb-pool.ts';

const frames = (n: number) => Array.from({ length: n }, () => ethernetFrame({ dst: mac(1), src: mac(2) }));

function card() {
  const host = new VirtualHost();
  const log: string[] = [];
  const net = new Net(host, { printk: (text) => log.push(text) });
  const nic = new RingNic(net);
  let received = 0;
  net.devAddPack(0x800, (skb) => {
    received++;
    consumeSkb(skb);
  });
  devOpen(nic.dev);
  return { host, net, nic, log, received: () => received };
}

/** A bare instance whose poll says what the test tells it. */
function instance(poll: (napi: Napi, budget: number) => number) {
  const host = new VirtualHost();
  const log: string[] = [];
  const dev = allocEtherdev(new Net(host, { printk: (text) => log.push(text) }), 'eth%d');
  return { host, dev, log, net: dev.net, napi: netifNapiAdd(dev, poll) };
}

describe('budgets', () => {
  // biome-ignore format: one case a line
  test.each([
    ['one frame is one poll',                   1,   [1]],
    ['the weight is used up, so it polls again', 64,  [64, 0]],
    ['rounds of 64',                            150, [64, 64, 22]],
  ])('%s', (_name, n, polls) => {
    const { nic, received } = card();
    nic.receive(...frames(n));
    expect([nic.polls, received()]).toEqual([polls, n]);
  });

  test('an interrupt handles its softirqs for 10 rounds; the rest waits for the end of the turn', () => {
    const { host, nic, received } = card();
    nic.receive(...frames(1000));
    expect(received()).toBe(640);
    host.runTurn();
    expect(received()).toBe(1000);
  });

  test('after 2 ms of polling the rest waits for the end of the turn', () => {
    const { host, net, napi } = instance((n, budget) => {
      host.advance(1.5);
      return polls++ < 3 ? budget : Number(n.completeDone(0)) * 0;
    });
    let polls = 0;
    napi.enable();
    net.irq(() => napi.schedule());
    expect(polls).toBe(2);
  });

  test('a pass ends after netdev_budget frames, counted as a squeeze', () => {
    const { net } = card();
    const nics = Array.from({ length: 8 }, () => new RingNic(net));
    for (const nic of nics) devOpen(nic.dev);
    const squeezes: number[] = [];
    net.devAddPack(0x88b5, (skb, dev) => {
      if (dev === nics[5]!.dev) squeezes.push(net.softirq.timeSqueeze);
      consumeSkb(skb);
    });
    const many = Array.from({ length: 64 }, () => ethernetFrame({ dst: mac(1), src: mac(2), type: 0x88b5 }));
    net.irq(() => {
      for (const nic of nics) nic.receive(...many);
    });
    expect([squeezes[0], squeezes.length]).toEqual([1, 64]); // five polls of 64 were the first pass
  });

  test('two devices take turns, 64 frames each', () => {
    const { net, nic } = card();
    const other = new RingNic(net);
    devOpen(other.dev);
    const order: string[] = [];
    net.devAddPack(0x88b5, (skb, dev) => {
      if (order.at(-1) !== dev.name) order.push(dev.name);
      consumeSkb(skb);
    });
    const many = Array.from({ length: 100 }, () => ethernetFrame({ dst: mac(1), src: mac(2), type: 0x88b5 }));
    net.irq(() => {
      nic.receive(...many);
      other.receive(...many);
    });
    expect(order).toEqual(['eth0', 'eth1', 'eth0', 'eth1']);
  });

  test('a poll that claims more than its weight is counted as a driver bug', () => {
    const { net, napi } = instance((n, budget) => {
      n.completeDone(0);
      return budget + 1;
    });
    napi.enable();
    net.irq(() => napi.schedule());
    expect(net.softirq.overBudget).toBe(1);
  });
});

describe('ownership', () => {
  test('an instance is added disabled: it cannot be scheduled', () => {
    const { napi } = instance(() => 0);
    expect([napi.schedule(), napi.enable(), napi.schedule(), napi.schedule()]).toEqual([
      false,
      undefined,
      true,
      false,
    ]);
  });

  test('enable and disable are not idempotent', () => {
    const { napi } = instance(() => 0);
    expect(() => napi.disable()).toThrow(expect.objectContaining({ code: 'EDEADLK' }));
    napi.enable();
    expect(() => napi.enable()).toThrow(expect.objectContaining({ code: 'EALREADY' }));
  });

  test('completeDone says false when more came in meanwhile, and the poll comes again', () => {
    const said: boolean[] = [];
    const { net, napi } = instance((n) => {
      if (said.length === 0) n.schedule(); // an interrupt during the poll
      said.push(n.completeDone(0));
      return 0;
    });
    napi.enable();
    net.irq(() => napi.schedule());
    expect(said).toEqual([false, true]);
  });

  test('a poll that does not complete keeps the instance: nobody else can schedule it', () => {
    let polls = 0;
    const { net, napi } = instance(() => polls++ * 0);
    napi.enable();
    net.irq(() => napi.schedule());
    net.irq(() => napi.schedule());
    expect(polls).toBe(1);
  });

  test('disabled while it waits, it is not polled', () => {
    let polls = 0;
    const { host, napi } = instance(() => polls++ * 0);
    napi.enable();
    napi.schedule();
    napi.disable();
    host.runTurns();
    expect(polls).toBe(0);
  });

  test('scheduled outside an interrupt it is polled at the end of the turn', () => {
    let polls = 0;
    const { host, napi } = instance((n) => Number(n.completeDone(polls++)) * 0);
    napi.enable();
    napi.schedule();
    expect(polls).toBe(0);
    host.runTurn();
    expect(polls).toBe(1);
  });

  test('in an interrupt inside another the softirqs wait for the outer one', () => {
    let polls = 0;
    const { net, napi } = instance((n) => Number(n.completeDone(polls++)) * 0);
    napi.enable();
    net.irq(() => {
      net.irq(() => napi.schedule());
      expect(polls).toBe(0);
    });
    expect(polls).toBe(1);
  });
});

describe('netifRx, for devices without NAPI', () => {
  test('beyond netdev_max_backlog frames are dropped and counted', () => {
    const { net, nic } = card();
    for (let i = 0; i < 1003; i++) netifRx(testSkb(nic.dev));
    expect(nic.dev.stats.rxDropped).toBe(3);
    expect([nic.dev.drops[SKB_DROP_REASON_CPU_BACKLOG], net.backlog.dropped, net.pool.inUse]).toEqual([
      3, 3, 1000,
    ]);
  });

  test('a device that is down receives nothing', () => {
    const { nic } = card();
    devClose(nic.dev);
    netifRx(testSkb(nic.dev));
    expect([nic.dev.stats.rxDropped, nic.dev.drops[SKB_DROP_REASON_DEV_READY]]).toEqual([1, 1]);
  });

  test('a device that goes away takes its frames out of the backlog, and the others stay', () => {
    const { host, net, nic, received } = card();
    const other = new RingNic(net);
    devOpen(other.dev);
    for (const { dev } of [nic, other, nic]) {
      const skb = testSkb(dev);
      skb.protocol = 0x800;
      netifRx(skb);
    }
    unregisterNetdev(nic.dev);
    host.runTurns();
    expect([received(), net.pool.inUse]).toEqual([1, 0]);
    const skb = testSkb(other.dev);
    skb.protocol = 0x800;
    netifRx(skb);
    host.runTurns();
    expect(received()).toBe(2);
  });
});

test('a registered device of a stopped namespace is gone, and its softirqs are quiet', () => {
  const { host, net, nic } = card();
  netifRx(testSkb(nic.dev));
  net.stop();
  host.runTurns();
  expect([[...net.devices()], net.pool.inUse, host.pendingTimers]).toEqual([[], 0, 0]);
  expect(() => registerNetdev(allocEtherdev(net, 'eth%d'))).toThrow(
    expect.objectContaining({ code: 'ENODEV' }),
  );
});

describe('what the kernel warns of', () => {
  test('a poll beyond its budget is in the log, with what it said, once', () => {
    const { net, napi, log } = instance(function greedyPoll(n, budget) {
      n.completeDone(0);
      return budget + 1;
    });
    napi.enable();
    for (let i = 0; i < 3; i++) net.irq(() => napi.schedule());
    expect(log).toEqual(['eth%d: NAPI poll function greedyPoll returned 65, exceeding its budget of 64.']);
  });

  test('a driver that completes and is scheduled again within a full budget is told', () => {
    const { net, napi, log } = instance((n, budget) => {
      if (++polls > 1) return Number(n.completeDone(0)) * 0;
      n.completeDone(budget);
      n.schedule();
      return budget;
    });
    let polls = 0;
    napi.enable();
    net.irq(() => napi.schedule());
    expect([log, polls]).toEqual([['eth%d: Budget exhausted after napi rescheduled'], 2]);
  });

  test('completed twice is in the log', () => {
    const { net, napi, log } = instance((n) => Number(n.completeDone(0)) * 0 + Number(n.completeDone(0)) * 0);
    napi.enable();
    net.irq(() => napi.schedule());
    expect(log).toEqual(['eth%d: napi_complete_done of an instance that is not scheduled']);
  });
});

describe('a budget of 0, netpoll', () => {
  test('reclaims what was transmitted, receives nothing, and completes nothing', () => {
    const { net, nic } = card();
    devQueueXmit(testSkb(nic.dev));
    net.irq(() => nic.receive(...frames(3))); // they wait in the ring until the interrupt returns
    const before = nic.polls.length;
    net.irq(() => {
      nic.receive(...frames(2));
      nic.complete();
      nic.dev.napis[0]!.pollOnce(0);
      expect([nic.polls.slice(before), nic.tx.length]).toEqual([[0], 0]);
      expect(nic.dev.napis[0]!.scheduled).toBe(true);
    });
    expect(nic.dev.stats.rxPackets).toBe(5);
  });

  test('a driver that receives all the same, or completes, is told and stopped', () => {
    const said: boolean[] = [];
    const { napi, log } = instance(function hastyPoll(n) {
      said.push(n.completeDone(1));
      return 1;
    });
    napi.enable();
    napi.pollOnce();
    expect([said, log]).toEqual([[false], ['eth%d: hastyPoll exceeded budget in poll']]);
  });

  test('a disabled instance is not polled', () => {
    let polls = 0;
    const { napi } = instance(() => polls++);
    napi.pollOnce();
    expect(polls).toBe(0);
  });
});

describe('deferred interrupts: napi_defer_hard_irqs and gro_flush_timeout', () => {
  /** A card with interrupts: frames wait until a poll finds them, and each poll says how it left the mask. */
  function deferring(defer: number, timeoutNs: number) {
    let waiting = 0;
    const polls: string[] = [];
    const made = instance((n, budget) => {
      const work = Math.min(waiting, budget);
      waiting -= work;
      if (work < budget) polls.push(`${work} ${n.completeDone(work) ? 'unmasked' : 'masked'}`);
      return work;
    });
    made.dev.napiDeferHardIrqs = defer;
    made.dev.groFlushTimeout = timeoutNs;
    made.napi.enable();
    const arrive = (n: number, interrupt: boolean) => {
      waiting += n;
      if (interrupt) made.net.irq(() => made.napi.schedule());
    };
    return { ...made, polls, arrive };
  }

  test('after work interrupts stay masked, and the timer polls until it has found none so often', () => {
    const { host, polls, arrive } = deferring(2, 100_000);
    arrive(3, true);
    arrive(2, false); // masked: no interrupt tells of them
    host.advance(0.1);
    host.advance(0.1);
    host.advance(0.1);
    expect(polls).toEqual(['3 masked', '2 masked', '0 masked', '0 unmasked']);
    expect(host.pendingTimers).toBe(0);
  });

  test('without a timeout nothing would poll, so nothing is deferred', () => {
    const { polls, arrive, host } = deferring(5, 0);
    arrive(1, true);
    expect([polls, host.pendingTimers]).toEqual([['1 unmasked'], 0]);
  });

  test('the two files take whole numbers, napi_defer_hard_irqs no more than an int holds', () => {
    const { dev } = deferring(0, 0);
    groFlushTimeoutStore(dev, 20_000);
    napiDeferHardIrqsStore(dev, 0x7fffffff);
    expect(() => groFlushTimeoutStore(dev, -1)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(() => napiDeferHardIrqsStore(dev, 2 ** 31)).toThrow(expect.objectContaining({ code: 'ERANGE' }));
    expect([dev.groFlushTimeout, dev.napiDeferHardIrqs]).toEqual([20_000, 0x7fffffff]);
  });

  test('an instance that is disabled meanwhile takes its timer along', () => {
    const { napi, arrive, host, polls } = deferring(5, 100_000);
    arrive(1, true);
    napi.disable();
    host.advance(1);
    expect([polls, host.pendingTimers]).toEqual([['1 masked'], 0]);
  });
});
