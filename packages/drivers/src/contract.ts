/** The contract every driver keeps; a driver's test calls this once, then tests what is its own. */
import {
  devClose,
  devGetFlags,
  devOpen,
  devQueueXmit,
  devSetMtu,
  IFF_UP,
  ipLinkShow,
  NETDEV_TX_BUSY,
  netifRunning,
  unregisterNetdev,
} from '@etherloom/netcore';
import {
  broughtUp,
  type ContractTest,
  contractFrame,
  type DriverUnderTest,
  errno,
  FRAME,
} from './contract-kit.ts';
import { lifecycleContract } from './contract-lifecycle.ts';
import { settingsContract } from './contract-settings.ts';
import { statsContract } from './contract-stats.ts';

export { contractFrame } from './contract-kit.ts';

export function netDeviceContract(kind: string, create: () => DriverUnderTest, words: ContractTest): void {
  const { test, expect } = words;
  const up = () => broughtUp(create());
  lifecycleContract(kind, create, words);
  statsContract(kind, create, words);
  settingsContract(kind, create, words);

  test(`${kind}: an accepted frame is counted once and its skb comes home`, () => {
    const { dev, settle, counted = FRAME } = up();
    const { txPackets, txBytes } = dev.stats;
    const inUse = dev.pool.inUse;
    expect(devQueueXmit(contractFrame(dev))).toBe(0);
    settle?.();
    expect([dev.stats.txPackets - txPackets, dev.stats.txBytes - txBytes]).toEqual([1, counted]);
    expect(dev.pool.inUse).toBe(inUse);
  });

  test(`${kind}: the driver never answers BUSY while its queue is open`, () => {
    const { dev, settle } = up();
    for (let i = 0; i < 5000; i++) {
      if (dev.txq[0]!.state !== 0) settle?.();
      const skb = contractFrame(dev);
      if (dev.txq[0]!.state !== 0) throw new Error(`${kind}: the queue is stopped and nothing completes`);
      expect(dev.netdevOps.ndoStartXmit(skb, dev) === NETDEV_TX_BUSY).toBe(false);
    }
    settle?.();
    expect(dev.pool.inUse).toBe(0);
  });

  test(`${kind}: a device that is down sends nothing, and its statistics stay`, () => {
    const { dev, settle } = up();
    devQueueXmit(contractFrame(dev));
    settle?.();
    const sent = dev.stats.txPackets;
    devClose(dev);
    devQueueXmit(contractFrame(dev));
    settle?.();
    expect([dev.stats.txPackets, netifRunning(dev), devGetFlags(dev) & IFF_UP]).toEqual([sent, false, 0]);
    expect(ipLinkShow(dev).operstate).toBe('DOWN');
    expect(dev.pool.inUse).toBe(0);
  });

  test(`${kind}: up and down again and again leaves nothing behind`, () => {
    const { dev, settle } = up();
    for (let i = 0; i < 3; i++) {
      devQueueXmit(contractFrame(dev));
      devClose(dev);
      devOpen(dev);
      settle?.();
    }
    const sent = dev.stats.txPackets;
    devQueueXmit(contractFrame(dev));
    settle?.();
    expect(dev.stats.txPackets).toBe(sent + 1);
    expect(dev.pool.inUse).toBe(0);
  });

  test(`${kind}: the MTU keeps to its bounds`, () => {
    const { dev } = create();
    const { mtu, minMtu, maxMtu } = dev;
    for (const wrong of [minMtu - 1, ...(maxMtu > 0 ? [maxMtu + 1] : [])]) {
      expect(errno(() => devSetMtu(dev, wrong))).toBe('EINVAL');
    }
    expect(dev.mtu).toBe(mtu);
    devSetMtu(dev, Math.max(minMtu, 100));
    expect(dev.mtu).toBe(Math.max(minMtu, 100));
  });

  test(`${kind}: ethtool counters have a name each`, () => {
    const { dev } = create();
    const { getStrings, getEthtoolStats } = dev.ethtoolOps;
    expect(getEthtoolStats?.(dev).length).toBe(getStrings?.(dev).length);
  });

  test(`${kind}: unregistered, it is gone from its namespace and holds no skb`, () => {
    const { dev, settle } = up();
    devQueueXmit(contractFrame(dev));
    unregisterNetdev(dev);
    settle?.();
    expect(dev.net.devGetByName(dev.name)).toBe(undefined);
    expect(dev.pool.inUse).toBe(0);
  });
}
