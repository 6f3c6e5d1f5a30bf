/** A device made by the driver of a user, with a card of its own, under the checker. */
import {
  type EthtoolOps,
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
import { checkedNetdevOps, checkedTable } from './checker/checked-ops.ts';
import type { Checker } from './checker/checker.ts';
import { DriverUnderTest, SKB_MEMORY } from './checker/driver-under-test.ts';
import { Patrol } from './checker/patrol.ts';
import { RULE_NAMES } from './checker/rules.ts';
import { LabNic } from './nic/lab-nic.ts';
import { NIC_COUNTER_NAMES, nicCounterValues } from './nic/nic-counters.ts';

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
  return {
    kind: ops.kind,
    setup(dev) {
      driver = new DriverUnderTest(dev, nic, checker);
      patrol = new Patrol(driver);
      const none = dev.netdevOps;
      guard(driver, 'setup', () => ops.setup(dev));
      if (dev.netdevOps === none || typeof dev.netdevOps?.ndoStartXmit !== 'function') {
        throw new NetError(
          'EINVAL',
          `${dev.name}: the driver's setup leaves dev.netdevOps without ndoStartXmit`,
        );
      }
      wrapTables(driver, patrol);
      if (checker.enabled) watchPool(driver);
    },
    newlink(dev, options) {
      checker.device = dev.name;
      guard(driver, 'newlink', () => {
        if (ops.newlink === undefined) registerNetdev(dev);
        else ops.newlink(dev, { ...options, nic });
      });
      if (dev.ifindex === 0) {
        throw new NetError('EINVAL', `${dev.name}: the driver's newlink returns without registerNetdev(dev)`);
      }
      nic.plugIn();
    },
    dellink(dev) {
      guard(driver, 'dellink', () => (ops.dellink ?? unregisterNetdev)(dev));
      nic.irq.free();
      nic.unplug();
      if (checker.enabled) patrol.end();
    },
    ...(ops.fillInfo === undefined ? {} : { fillInfo: ops.fillInfo.bind(ops) }),
  };
}

function guard(driver: DriverUnderTest, op: string, fn: () => void): void {
  checkedTable(driver, { [op]: fn })[op]!();
}

function wrapTables(driver: DriverUnderTest, patrol: Patrol): void {
  const { dev, checker, nic } = driver;
  driver.startXmit = dev.netdevOps.ndoStartXmit;
  dev.netdevOps = checkedNetdevOps(driver, dev.netdevOps, patrol);
  const own: EthtoolOps = checkedTable(driver, dev.ethtoolOps);
  const rules = checker.enabled ? RULE_NAMES : [];
  const names = [...NIC_COUNTER_NAMES, ...rules.map((rule) => `checker_${rule.replaceAll('-', '_')}`)];
  const values = () => [...nicCounterValues(nic.counters), ...rules.map((rule) => checker.counts.get(rule)!)];
  dev.ethtoolOps = {
    getLinkKsettings: () => ({ speed: 10_000, duplex: 'full', autoneg: false, port: 'Other' }),
    ...own,
    getStrings: (d) => [...(own.getStrings?.(d) ?? []), ...names],
    getEthtoolStats: (d) => [...(own.getEthtoolStats?.(d) ?? []), ...values()],
  };
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
