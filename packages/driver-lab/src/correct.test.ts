/** Drivers that are right, though they do it another way than the four steps: the checker has nothing to say. */
import { devClose, devOpen, devQueueXmit, netdevPickTx, rtnlDelLink } from '@etherloom/netcore';
import { testSkb } from '@etherloom/testkit';
import { expect, test } from 'vitest';
import {
  consumeSkb,
  etherSetup,
  ethHwAddrRandom,
  type LabLinkOps,
  type LabNic,
  NETDEV_TX_OK,
  type NetDevice,
  type NetDeviceOps,
  netdevTxCompletedQueue,
  netdevTxResetQueue,
  netdevTxSentQueue,
  netdevXmitMore,
  netifCarrierOff,
  netifCarrierOn,
  netifTxQueueStopped,
  netifTxStartQueue,
  netifTxStopQueue,
  netifTxWakeQueue,
  registerNetdev,
  type SkBuff,
  timerSetup,
} from './index.ts';
import { goodReceive, goodXmit, with_ } from './testing/broken-parts.ts';
import { TestLab } from './testing/test-lab.ts';

/** Down and up under load, a cable that breaks, idle time, tools. */
function wear(linkOps: LabLinkOps): TestLab {
  const lab = new TestLab(linkOps).up();
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 300; i++) devQueueXmit(testSkb(lab.dev, 60 + (i % 200)));
    lab.receive(100);
    lab.host.advance(50);
    lab.dev.ethtoolOps.getEthtoolStats?.(lab.dev);
    for (let i = 0; i < 50; i++) devQueueXmit(testSkb(lab.dev, 100));
    devClose(lab.dev);
    lab.host.advance(20);
    devOpen(lab.dev);
    lab.host.advance(20);
    lab.cut();
    lab.host.advance(12_000);
  }
  rtnlDelLink(lab.dev);
  lab.host.advance(100);
  return lab;
}

const card = (dev: NetDevice) => dev.priv as LabNic;

/** The ops are methods of a class. */
class Ops implements NetDeviceOps {
  opened = 0;
  ndoOpen(dev: NetDevice): void {
    this.opened++;
    card(dev).start();
  }
  ndoStop(dev: NetDevice): void {
    card(dev).stop();
  }
  ndoStartXmit(skb: SkBuff, dev: NetDevice) {
    return goodXmit(skb, dev, card(dev));
  }
}

const classes: LabLinkOps = {
  kind: 'classes',
  setup(dev) {
    etherSetup(dev);
    ethHwAddrRandom(dev);
    dev.netdevOps = new Ops();
  },
  newlink(dev, { nic }) {
    dev.priv = nic;
    nic.onFrame = (buf, at, len) => goodReceive(dev, buf, at, len);
    nic.onLink = (up) => (up ? netifCarrierOn(dev) : netifCarrierOff(dev));
    netifCarrierOff(dev);
    registerNetdev(dev);
  },
};

/** Keeps skbs in reserve for as long as it is up, and one for as long as it is there. */
const reserve = (): LabLinkOps => {
  const spare: SkBuff[] = [];
  const kept: SkBuff[] = [];
  return with_({
    more(dev) {
      kept.push(dev.pool.alloc(100)!);
      const { ndoOpen } = dev.netdevOps;
      dev.netdevOps = {
        ...dev.netdevOps,
        ndoOpen(d) {
          for (let i = 0; i < 32; i++) spare.push(d.pool.alloc(2000)!);
          ndoOpen?.(d);
        },
      };
    },
    stop(_dev, nic) {
      nic.stop();
      for (const skb of spare.splice(0)) consumeSkb(skb);
    },
    gone: () => kept.forEach(consumeSkb),
  });
};

/** Looks at the link every two seconds, as e1000 does, and not when the card says so. */
const slowLink = (): LabLinkOps => {
  let timer: ReturnType<typeof timerSetup>;
  return with_({
    link: () => {},
    down: true,
    more(dev, nic) {
      const look = () => {
        if (nic.link) netifCarrierOn(dev);
        else netifCarrierOff(dev);
        timer.mod(2000);
      };
      timer = timerSetup(dev, look);
      timer.mod(2000);
    },
    gone: () => timer.delete(),
  });
};

const QUEUES = 4;
const SLOTS = 32;

interface Lane {
  readonly skbs: SkBuff[];
  bytes: number;
}

/** Four queues with a small ring each in the driver's memory, byte limits, and a doorbell for a burst. */
const queues: LabLinkOps = {
  kind: 'queues',
  getNumTxQueues: () => QUEUES,
  setup(dev) {
    etherSetup(dev);
    ethHwAddrRandom(dev);
    dev.netdevOps = {
      ndoSelectQueue: netdevPickTx,
      ndoOpen(d) {
        card(d).start();
        for (const txq of d.txq) {
          netdevTxResetQueue(txq);
          netifTxStartQueue(txq);
        }
      },
      ndoStop(d) {
        for (const txq of d.txq) netifTxStopQueue(txq);
        for (const txq of d.txq) ring(d, txq.index);
        card(d).stop();
      },
      ndoStartXmit(skb, d) {
        const lane = lanes(d)[skb.queueMapping]!;
        const txq = d.txq[skb.queueMapping]!;
        lane.skbs.push(skb);
        lane.bytes += skb.len;
        netdevTxSentQueue(txq, skb.len);
        if (lane.skbs.length === SLOTS) netifTxStopQueue(txq);
        if (!netdevXmitMore(d) || netifTxQueueStopped(txq)) ring(d, skb.queueMapping);
        return NETDEV_TX_OK;
      },
    };
  },
  newlink(dev, { nic }) {
    dev.priv = nic;
    LANES.set(
      dev,
      Array.from({ length: QUEUES }, () => ({ skbs: [], bytes: 0 })),
    );
    nic.onFrame = (buf, at, len) => goodReceive(dev, buf, at, len);
    nic.onLink = (up) => (up ? netifCarrierOn(dev) : netifCarrierOff(dev));
    netifCarrierOff(dev);
    registerNetdev(dev);
  },
};

const LANES = new WeakMap<NetDevice, Lane[]>();
const lanes = (dev: NetDevice) => LANES.get(dev)!;

function ring(dev: NetDevice, index: number): void {
  const lane = lanes(dev)[index]!;
  const packets = lane.skbs.length;
  for (const skb of lane.skbs.splice(0)) goodXmit(skb, dev, card(dev));
  netdevTxCompletedQueue(dev.txq[index]!, packets, lane.bytes);
  lane.bytes = 0;
  if (netifTxQueueStopped(dev.txq[index]!)) netifTxWakeQueue(dev.txq[index]!);
}

test.each([
  ['whose ops are a class', classes],
  ['that keeps skbs in reserve', reserve()],
  ['that looks at its link by a timer', slowLink()],
  ['of four queues with byte limits and one doorbell for a burst', queues],
])('a driver %s breaks no rule', (_what, linkOps) => {
  const lab = wear(linkOps);
  expect(lab.reports).toEqual([]);
  expect(lab.net.pool.inUse).toBe(0);
  expect(lab.sent.length).toBeGreaterThan(1000);
  expect(lab.received).toBe(400);
});

test('a driver of the lab has as many transmit queues as it says', () => {
  expect(new TestLab(queues).dev.txq).toHaveLength(QUEUES);
});
