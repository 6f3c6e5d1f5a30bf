/** The driver's table of a device as the core gets it: what its functions answer is looked at. */
import {
  consumeSkb,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetDeviceOps,
  type NetdevTx,
  netifTxStopQueue,
  netifTxWakeQueue,
  netifXmitStopped,
  type RtnlLinkStats64,
  type SkBuff,
} from '@etherloom/netcore';
import { checkedTable, originalOf, standsFor } from './checked-table.ts';
import { type DriverUnderTest, SKB_MEMORY } from './driver-under-test.ts';
import { type OwnedSkb, RETURNED_BUSY } from './owned-skb.ts';
import type { Patrol } from './patrol.ts';
import { mark, thrownText } from './where.ts';

type StartXmit = NetDeviceOps['ndoStartXmit'];

export function checkedNetdevOps(driver: DriverUnderTest, ops: NetDeviceOps, patrol: Patrol): NetDeviceOps {
  const table = checkedTable(driver, ops);
  const xmit = originalOf(ops.ndoStartXmit);
  driver.startXmit = xmit;
  driver.getStats = originalOf(ops.ndoGetStats64 ?? ops.ndoStartXmit);
  const checked: NetDeviceOps = {
    ...table,
    ndoStartXmit: standsFor((skb, dev) => checkedXmit(driver, xmit, ops, skb, dev), xmit),
    ndoOpen: standsFor((dev) => checkedOpen(driver, table, patrol, dev), originalOf(ops.ndoOpen ?? none)),
    ndoStop: standsFor((dev) => checkedStop(driver, table, patrol, dev), originalOf(ops.ndoStop ?? none)),
    ndoGetStats64: standsFor(
      (dev, storage) => checkedStats(driver, table, dev, storage),
      originalOf(ops.ndoGetStats64 ?? none),
    ),
    ...(table.ndoSelectQueue && {
      ndoSelectQueue: standsFor(
        (skb, dev) => checkedQueue(driver, table, skb, dev),
        originalOf(table.ndoSelectQueue),
      ),
    }),
  };
  return Object.freeze(checked);
}

function none(): void {}

function checkedOpen(driver: DriverUnderTest, table: NetDeviceOps, patrol: Patrol, dev: NetDevice): void {
  if (driver.checker.op !== 'ndoOpen') driver.heldBefore = new Set(driver.book.owned);
  try {
    table.ndoOpen?.(dev);
  } catch (error) {
    patrol.openFailed();
    throw error;
  }
  driver.open = true;
  patrol.start();
}

function checkedStop(driver: DriverUnderTest, table: NetDeviceOps, patrol: Patrol, dev: NetDevice): void {
  const within = driver.checker.op === 'ndoStop'; // of a table that is made of parts of the one before
  table.ndoStop?.(dev);
  if (within) return;
  driver.open = false;
  patrol.stop();
}

/** What is no number would make the device unreadable for every tool. */
function checkedStats(
  driver: DriverUnderTest,
  table: NetDeviceOps,
  dev: NetDevice,
  storage: RtnlLinkStats64,
): void {
  table.ndoGetStats64?.(dev, storage);
  for (const [name, value] of Object.entries(storage) as [keyof RtnlLinkStats64, unknown][]) {
    if (Number.isFinite(value)) continue;
    const text = `${name} is ${thrownText(value)}, and no number`;
    driver.checker.report('stats-backwards', { text, fn: driver.getStats });
    storage[name] = 0;
  }
}

function checkedQueue(driver: DriverUnderTest, table: NetDeviceOps, skb: SkBuff, dev: NetDevice): number {
  const index = table.ndoSelectQueue?.(skb, dev) ?? -1;
  if (dev.txq[index] !== undefined) return index;
  const text = `ndoSelectQueue returns ${String(index)}, and the device has transmit queues 0 to ${dev.txq.length - 1}`;
  driver.checker.report('ops-return', { text, fn: originalOf(table.ndoSelectQueue ?? none) });
  return 0;
}

function checkedXmit(
  driver: DriverUnderTest,
  xmit: StartXmit,
  ops: NetDeviceOps,
  skb: SkBuff,
  dev: NetDevice,
): NetdevTx {
  const { checker } = driver;
  if (!checker.enabled) return checker.run('ndoStartXmit', () => xmit.call(ops, skb, dev));
  SKB_MEMORY.add(skb.buf);
  const owned = driver.book.own(skb, 'xmit');
  let rc: NetdevTx;
  try {
    rc = checker.run('ndoStartXmit', () => {
      driver.sentAt = null;
      return xmit.call(ops, owned.standIn, dev);
    });
  } catch (thrown) {
    checker.oops('ndoStartXmit', thrown, xmit, owned.frame);
    forget(driver, owned);
    return NETDEV_TX_OK;
  }
  if (checker.isPromise(rc, 'ndoStartXmit', xmit)) return NETDEV_TX_OK;
  return rc === NETDEV_TX_BUSY ? busy(driver, xmit, owned, dev) : accepted(driver, xmit, owned, rc);
}

/** After an oops nobody knows whose the skb is: it is freed, unless the card has it. */
function forget(driver: DriverUnderTest, owned: OwnedSkb): void {
  const { skb } = owned;
  if (owned.refs === 0 || driver.nic.tx.holds(skb.buf, skb.head, skb.end)) return;
  while (owned.refs > 0) if (owned.leave('lost in an oops')) consumeSkb(skb);
}

function accepted(driver: DriverUnderTest, xmit: StartXmit, owned: OwnedSkb, rc: NetdevTx): NetdevTx {
  if (rc === NETDEV_TX_OK) return rc;
  driver.checker.report('xmit-return', {
    text: `ndoStartXmit returns ${String(rc)}, neither NETDEV_TX_OK nor NETDEV_TX_BUSY`,
    fn: xmit,
    at: owned.gotAt,
  });
  return NETDEV_TX_OK;
}

/** BUSY gives the skb back, whole, and asks to be called again when the queue is woken. */
function busy(driver: DriverUnderTest, xmit: StartXmit, owned: OwnedSkb, dev: NetDevice): NetdevTx {
  const { checker, nic } = driver;
  const { skb, frame } = owned;
  const here = { fn: xmit, word: 'NETDEV_TX_BUSY', frame };
  if (owned.refs === 0) {
    const text = `NETDEV_TX_BUSY, but the skb was ${owned.leftHow} at ${checker.place(owned.leftAt)}`;
    checker.report('xmit-busy-skb', { text, at: owned.leftAt, frame });
    return NETDEV_TX_OK; // the qdisc must not get what is gone
  }
  if (nic.tx.holds(skb.buf, skb.head, skb.end)) {
    checker.report('xmit-busy-skb', {
      ...here,
      text: 'NETDEV_TX_BUSY, but a descriptor of the card has the skb',
    });
  }
  const txq = dev.txq[skb.queueMapping % dev.txq.length]!;
  if (!netifXmitStopped(txq)) {
    checker.report('xmit-busy-awake', { ...here, text: 'NETDEV_TX_BUSY while the queue is awake' });
    // Or this very node would ask again for ever.
    netifTxStopQueue(txq);
    dev.net.host.setTimer(() => netifTxWakeQueue(txq), 1);
  }
  while (owned.refs > 0) owned.leave(RETURNED_BUSY);
  owned.leftAt = mark();
  return NETDEV_TX_BUSY;
}
