/** The driver's tables as the core gets them: each op runs under the checker, and what it answers is looked at. */
import {
  consumeSkb,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetDeviceOps,
  type NetdevTx,
  NetError,
  netifTxStopQueue,
  netifTxWakeQueue,
  netifXmitStopped,
  type SkBuff,
} from '@etherloom/netcore';
import type { DriverUnderTest } from './driver-under-test.ts';
import { SKB_MEMORY } from './driver-under-test.ts';
import { type OwnedSkb, RETURNED_BUSY } from './owned-skb.ts';
import type { Patrol } from './patrol.ts';
import { mark } from './where.ts';

type AnyOp = (...args: unknown[]) => unknown;

/** A table in which every function runs under the checker; what is no function stays. */
export function checkedTable<T extends object>(driver: DriverUnderTest, table: T): T {
  const out: Record<string, unknown> = {};
  for (const [name, op] of Object.entries(table)) {
    out[name] = typeof op === 'function' ? controlOp(driver, name, op.bind(table) as AnyOp) : (op as unknown);
  }
  return out as T;
}

/** A refusal goes on to who asked; anything else that is thrown is a bug of the driver. */
function controlOp(driver: DriverUnderTest, name: string, op: AnyOp): AnyOp {
  return (...args) => {
    try {
      return driver.checker.run(name, () => op(...args));
    } catch (error) {
      if (error instanceof NetError) throw error;
      driver.checker.report('oops', { text: `${name} throws ${String(error)}`, at: error as Error });
      const at = driver.checker.place(error as Error);
      // biome-ignore lint/style/useErrorCause: the cause is the third argument
      throw new NetError(
        'EFAULT',
        `${driver.dev.name}: the driver's ${name} failed at ${at}: ${String(error)}`,
        { cause: error },
      );
    }
  };
}

export function checkedNetdevOps(driver: DriverUnderTest, ops: NetDeviceOps, patrol: Patrol): NetDeviceOps {
  const table = checkedTable(driver, ops);
  return {
    ...table,
    ndoStartXmit: (skb, dev) => checkedXmit(driver, ops, skb, dev),
    ndoOpen(dev) {
      driver.openedAt = driver.checker.now;
      table.ndoOpen?.(dev);
      driver.open = true;
      patrol.start();
    },
    ndoStop(dev) {
      table.ndoStop?.(dev);
      driver.open = false;
      patrol.stop();
    },
  };
}

function checkedXmit(driver: DriverUnderTest, ops: NetDeviceOps, skb: SkBuff, dev: NetDevice): NetdevTx {
  const { checker } = driver;
  if (!checker.enabled) return checker.run('ndoStartXmit', () => ops.ndoStartXmit(skb, dev));
  SKB_MEMORY.add(skb.buf);
  const owned = driver.book.own(skb, 'xmit');
  let rc: NetdevTx;
  try {
    rc = checker.run('ndoStartXmit', () => {
      driver.sentAt = null;
      return ops.ndoStartXmit(owned.standIn, dev);
    });
  } catch (error) {
    checker.report('oops', {
      text: `ndoStartXmit throws ${String(error)}`,
      at: error as Error,
      frame: owned.frame,
    });
    if (owned.leave('lost in an oops')) consumeSkb(skb);
    return NETDEV_TX_OK;
  }
  return rc === NETDEV_TX_BUSY ? busy(driver, ops, owned, dev) : accepted(driver, ops, owned, rc);
}

function accepted(driver: DriverUnderTest, ops: NetDeviceOps, owned: OwnedSkb, rc: NetdevTx): NetdevTx {
  if (rc === NETDEV_TX_OK) return rc;
  driver.checker.report('xmit-return', {
    text: `ndoStartXmit returns ${String(rc)}, neither NETDEV_TX_OK nor NETDEV_TX_BUSY`,
    fn: ops.ndoStartXmit,
    at: owned.gotAt,
  });
  return NETDEV_TX_OK;
}

/** BUSY gives the skb back, whole, and asks to be called again when the queue is woken. */
function busy(driver: DriverUnderTest, ops: NetDeviceOps, owned: OwnedSkb, dev: NetDevice): NetdevTx {
  const { checker, nic } = driver;
  const { skb, frame } = owned;
  const here = { fn: ops.ndoStartXmit, word: 'NETDEV_TX_BUSY', frame };
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
