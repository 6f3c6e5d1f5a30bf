/** A device made by the driver of a user, with a card of its own, under the checker. */
import {
  type NetDevice,
  NetError,
  type RtnlLinkOps,
  type RtnlLinkOptions,
  registerNetdev,
  rtnlNewLink,
  type SkbPool,
  unregisterNetdev,
} from '@etherloom/netcore';
import type { Transport } from '@etherloom/transport';
import { checkedEthtoolOps } from './checker/checked-ethtool.ts';
import { checkedNetdevOps } from './checker/checked-ops.ts';
import { checkedTable } from './checker/checked-table.ts';
import type { Checker } from './checker/checker.ts';
import { DriverUnderTest, SKB_MEMORY } from './checker/driver-under-test.ts';
import { guardDevice } from './checker/guarded-device.ts';
import { Patrol } from './checker/patrol.ts';
import { LabNic } from './nic/lab-nic.ts';

/** What a driver's newlink gets beside the usual. */
export interface LabLinkOptions extends RtnlLinkOptions {
  readonly nic: LabNic;
}

/** What a driver file exports as `linkOps`. */
export type LabLinkOps = RtnlLinkOps<LabLinkOptions>;

export interface LabLink {
  readonly dev: NetDevice;
  readonly nic: LabNic;
}

/** Makes a device with `ops`; its card's wire is `transport`. Throws a NetError and leaves nothing behind when that fails. */
export function labNewLink(
  net: NetDevice['net'],
  ops: LabLinkOps,
  checker: Checker,
  { transport, ...options }: RtnlLinkOptions & { readonly transport: Transport },
): LabLink {
  const nic = new LabNic(net, transport);
  const dev = rtnlNewLink(net, checkedLinkOps(ops, nic, checker), options);
  return { dev, nic };
}

function checkedLinkOps(ops: LabLinkOps, nic: LabNic, checker: Checker): RtnlLinkOps {
  let driver: DriverUnderTest;
  let patrol: Patrol;
  const run = (op: string, fn: (...args: never[]) => unknown, ...args: unknown[]) =>
    (checkedTable(driver, { [op]: fn }) as Record<string, AnyFunction>)[op]!.apply(ops, args);
  const { getNumTxQueues, fillInfo } = ops;
  return {
    kind: ops.kind,
    ...(getNumTxQueues && { getNumTxQueues: () => getNumTxQueues.call(ops) }),
    setup(dev) {
      driver = new DriverUnderTest(dev, nic, checker);
      patrol = new Patrol(driver);
      const none = dev.netdevOps;
      run('setup', ops.setup, dev);
      run('setup', () => wrapTables(driver, patrol, none)); // reading a table may throw, where it has getters
      if (checker.enabled) watchPool(driver);
    },
    newlink(dev, options) {
      checker.device = dev.name;
      driver.newlink = ops.newlink;
      if (ops.newlink === undefined) registerNetdev(dev);
      else run('newlink', ops.newlink, dev, { ...options, nic });
      if (dev.ifindex === 0) {
        throw new NetError('EINVAL', `${dev.name}: the driver's newlink returns without registerNetdev(dev)`);
      }
      nic.plugIn();
    },
    dellink(dev) {
      if (ops.dellink !== undefined) run('dellink', ops.dellink, dev);
      unregisterNetdev(dev); // one that stays registered would be found by its name for ever
      if (checker.enabled) patrol.end();
      nic.irq.free();
      nic.unplug();
    },
    ...(fillInfo && { fillInfo: (dev: NetDevice) => infoOf(run('fillInfo', fillInfo, dev)) }),
  };
}

function wrapTables(driver: DriverUnderTest, patrol: Patrol, none: NetDevice['netdevOps']): void {
  const { dev } = driver;
  if (dev.netdevOps === none || typeof dev.netdevOps?.ndoStartXmit !== 'function') {
    throw new NetError('EINVAL', `${dev.name}: the driver's setup leaves dev.netdevOps without ndoStartXmit`);
  }
  guardDevice(driver, {
    netdevOps: (table) => checkedNetdevOps(driver, table, patrol),
    ethtoolOps: (table) => checkedEthtoolOps(driver, table),
  });
}

type AnyFunction = (...args: unknown[]) => unknown;

function infoOf(info: unknown): Record<string, unknown> {
  return typeof info === 'object' && info !== null ? { ...info } : {};
}

/** What the driver allocates is its own until it lets go of it; what others allocate for the device is not. */
function watchPool(driver: DriverUnderTest): void {
  const { dev, checker, book } = driver;
  const { pool } = dev;
  const get = (_: SkbPool, key: string | symbol) => {
    const value = Reflect.get(pool, key, pool) as unknown;
    if (typeof value !== 'function') return value;
    if (key !== 'alloc') return value.bind(pool) as unknown;
    return (size?: number) => {
      const skb = pool.alloc(size);
      if (skb === null || checker.op === null) return skb;
      SKB_MEMORY.add(skb.buf);
      skb.dev = dev; // as netdev_alloc_skb does
      return book.own(skb, 'alloc').standIn;
    };
  };
  Object.defineProperty(dev, 'pool', { value: new Proxy(pool, { get }) });
}
