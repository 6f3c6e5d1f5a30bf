/** The transmit watchdog: a queue that stays stopped too long is the driver's to revive. cf. dev_watchdog, net/sched/sch_generic.c */
import { netifCarrierOk } from '../carrier-state.ts';
import { type NetDevice, netifDevicePresent, netifRunning } from '../net-device.ts';
import { type NetdevQueue, QUEUE_STATE_ANY_XOFF, QUEUE_STATE_FROZEN } from '../netdev-queue.ts';
import { noopQdisc } from './noop.ts';

const DEFAULT_WATCHDOG_TIMEO_MS = 5000;

/** Arms the watchdog of a driver that has an ndoTxTimeout. */
export function netdevWatchdogUp(dev: NetDevice): void {
  if (dev.netdevOps.ndoTxTimeout === undefined || dev.watchdogTimer !== null) return;
  if (dev.watchdogTimeo <= 0) dev.watchdogTimeo = DEFAULT_WATCHDOG_TIMEO_MS;
  arm(dev, dev.watchdogTimeo);
}

export function netdevWatchdogDown(dev: NetDevice): void {
  if (dev.watchdogTimer !== null) dev.net.host.clearTimer(dev.watchdogTimer);
  dev.watchdogTimer = null;
}

function arm(dev: NetDevice, delay: number): void {
  dev.watchdogTimer = dev.net.host.setTimer(() => devWatchdog(dev), delay);
}

function devWatchdog(dev: NetDevice): void {
  dev.watchdogTimer = null;
  if (dev.txq.every((txq) => txq.qdisc === noopQdisc)) return;
  if (!netifDevicePresent(dev) || !netifRunning(dev) || !netifCarrierOk(dev)) return;
  const now = dev.net.host.now();
  const stopped = dev.txq.filter((txq) => (txq.state & QUEUE_STATE_ANY_XOFF) !== 0);
  const late = stopped.find((txq) => now - txq.transStart >= dev.watchdogTimeo);
  if (late !== undefined) timedOut(dev, late, now - late.transStart);
  if (dev.watchdogTimer !== null || !netifRunning(dev)) return; // the driver reset itself
  const oldest = late === undefined ? Math.min(now, ...stopped.map((txq) => txq.transStart)) : now;
  arm(dev, oldest + dev.watchdogTimeo - now);
}

function timedOut(dev: NetDevice, txq: NetdevQueue, ms: number): void {
  txq.transTimeout++;
  dev.net.printk(
    `${dev.name}: NETDEV WATCHDOG: CPU: 0: transmit queue ${txq.index} timed out ${Math.round(ms)} ms`,
  );
  for (const q of dev.txq) q.state |= QUEUE_STATE_FROZEN;
  try {
    dev.netdevOps.ndoTxTimeout?.(dev, txq.index);
  } finally {
    for (const q of dev.txq) q.state &= ~QUEUE_STATE_FROZEN;
  }
  dev.net.softirq.netifSchedule(txq.qdisc);
}
