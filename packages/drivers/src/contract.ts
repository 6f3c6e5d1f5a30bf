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
  type NetDevice,
  netifRunning,
  type SkBuff,
  unregisterNetdev,
} from '@etherloom/netcore';

/** The test framework's words, passed in: this file is no test and imports none. */
export interface ContractTest {
  test(name: string, fn: () => void): void;
  expect(value: unknown): {
    toBe(other: unknown): void;
    toEqual(other: unknown): void;
    toBeGreaterThan(other: number): void;
  };
}

export interface DriverUnderTest {
  /** Registered, down, fresh. */
  readonly dev: NetDevice;
  /** Makes a carrier: brings up the far end, connects the cable. The device is up already. */
  connect?(): void;
  /** Lets everything that is under way arrive, be completed and be freed. */
  settle?(): void;
}

const FRAME = 60;

/** An Ethernet frame of 60 bytes for the device's own use. */
export function contractFrame(dev: NetDevice): SkBuff {
  const skb = dev.pool.alloc(FRAME)!;
  const at = skb.put(FRAME);
  skb.buf.fill(0, at, at + FRAME);
  skb.buf.fill(0xff, at, at + 6);
  skb.buf.set(dev.devAddr, at + 6);
  skb.buf[at + 12] = 0x88; // a local experimental EtherType: nobody handles it
  skb.buf[at + 13] = 0xb5;
  skb.dev = dev;
  return skb;
}

export function netDeviceContract(
  kind: string,
  create: () => DriverUnderTest,
  { test, expect }: ContractTest,
): void {
  const up = () => {
    const made = create();
    devOpen(made.dev);
    made.connect?.();
    made.settle?.();
    return made;
  };

  test(`${kind}: an accepted frame is counted once and its skb comes home`, () => {
    const { dev, settle } = up();
    const { txPackets, txBytes } = dev.stats;
    const inUse = dev.pool.inUse;
    expect(devQueueXmit(contractFrame(dev))).toBe(0);
    settle?.();
    expect([dev.stats.txPackets - txPackets, dev.stats.txBytes - txBytes]).toEqual([1, FRAME]);
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

function errno(fn: () => void): string {
  try {
    fn();
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
  return 'no error';
}
