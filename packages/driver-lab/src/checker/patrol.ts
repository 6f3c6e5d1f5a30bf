/** What no single call shows: once a second the checker looks at what is left lying about. */
import { type NetdevQueue, netifCarrierOk, netifTxQueueStopped, netifXmitStopped } from '@etherloom/netcore';
import type { DriverUnderTest } from './driver-under-test.ts';
import type { OwnedSkb } from './owned-skb.ts';
import { Sums } from './sums.ts';

const PATROL_MS = 1000;
/** A driver frees what it was given "in finite time": the transmit watchdog's five seconds. */
const SKB_MAX_AGE_MS = 5000;
/** The card has nothing left to send and the queue is still stopped. */
const QUEUE_STOPPED_MS = 2000;
/** A driver may keep some skbs in reserve; more at every look are none. */
const GROWTH_LOOKS = 3;
/** The device says one thing of its carrier, and the card another. */
const CARRIER_MS = 5000;

export class Patrol {
  readonly #driver: DriverUnderTest;
  readonly #sums: Sums;
  #timer: unknown = null;
  #linkWrongSince: number | null = null;
  /** Old skbs of the driver's own at the last look, and for how many looks they have become more. */
  #held = 0;
  #growth = 0;

  constructor(driver: DriverUnderTest) {
    this.#driver = driver;
    this.#sums = new Sums(driver);
  }

  /** The device went up. */
  start(): void {
    if (!this.#driver.checker.enabled || this.#timer !== null) return;
    this.#linkWrongSince = null;
    this.#held = 0;
    this.#growth = 0;
    this.#checkByteLimits();
    this.#arm();
  }

  #arm(): void {
    this.#timer = this.#driver.dev.net.host.setTimer(() => {
      this.#timer = null;
      this.look();
      if (this.#driver.open) this.#arm();
    }, PATROL_MS);
  }

  /** The device went down: what the driver got while it was up must be free again. */
  stop(): void {
    const { dev, book, heldBefore } = this.#driver;
    if (this.#timer !== null) dev.net.host.clearTimer(this.#timer);
    this.#timer = null;
    if (!this.#driver.checker.enabled) return;
    for (const owned of [...book.owned]) {
      if (!heldBefore.has(owned)) this.#leaked(owned, 'when ndoStop returned');
    }
    this.#sums.look();
  }

  /** A refused ndoOpen has to undo what it did. */
  openFailed(): void {
    const { checker, book, heldBefore } = this.#driver;
    if (!checker.enabled) return;
    for (const owned of [...book.owned]) {
      if (!heldBefore.has(owned)) this.#leaked(owned, 'when ndoOpen failed');
    }
  }

  /** The device is gone. */
  end(): void {
    const { book, checker, timers, nic, requestedAt } = this.#driver;
    for (const owned of [...book.owned]) this.#leaked(owned, 'when the device was removed');
    for (const [timer, at] of [...timers]) {
      timer.delete();
      checker.report('timer-active', { text: 'a timer is still set when the device is removed', at });
    }
    if (nic.irq.handler === null) return;
    checker.report('irq-request', {
      text: 'the interrupt is not freed when the device is removed',
      at: requestedAt,
    });
  }

  look(): void {
    this.#findLeaks();
    this.#findStoppedQueues();
    this.#checkCarrier();
    this.#netpoll();
    this.#sums.look();
  }

  #findLeaks(): void {
    const old = [...this.#driver.book.owned].filter((owned) => this.#isOld(owned));
    const own = old.filter(({ origin }) => origin === 'alloc').length;
    this.#growth = own > this.#held ? this.#growth + 1 : 0;
    this.#held = own;
    for (const owned of old) {
      if (owned.origin === 'alloc' && this.#growth < GROWTH_LOOKS) continue;
      this.#leaked(owned, `after ${SKB_MAX_AGE_MS / 1000} s, and the card does not have it`);
    }
  }

  #isOld({ since, skb: { buf, head, end } }: OwnedSkb): boolean {
    const { checker, nic } = this.#driver;
    if (checker.now - since < SKB_MAX_AGE_MS) return false;
    return !nic.tx.holds(buf, head, end) && !nic.rx.refers(buf, head, end);
  }

  #leaked(owned: OwnedSkb, when: string): void {
    const what = owned.origin === 'xmit' ? 'an skb that ndoStartXmit took' : 'an skb that was allocated here';
    const at = owned.gotAt;
    const text = `${what} is not freed ${when}`;
    const fn = owned.origin === 'xmit' ? this.#driver.startXmit : undefined;
    this.#driver.checker.report('skb-leak', { text, at, frame: owned.frame, ...(fn ? { fn } : {}) });
    this.#driver.book.owned.delete(owned);
  }

  #findStoppedQueues(): void {
    const { dev, nic, stops, checker } = this.#driver;
    if (!netifCarrierOk(dev) || !nic.link || nic.tx.pending > 0) return;
    for (const txq of dev.txq) {
      this.#findByteStall(txq);
      const stop = stops.get(txq.index);
      if (stop === undefined || !netifTxQueueStopped(txq)) continue;
      const ms = checker.now - stop.since;
      if (ms < QUEUE_STOPPED_MS) continue;
      const text = `transmit queue ${txq.index} was stopped ${Math.round(ms)} ms ago, the card has sent all it had, and nobody wakes the queue`;
      checker.report('queue-never-woken', { text, at: stop.at });
    }
  }

  /** As netpoll does, for a console over the network: a poll that nobody scheduled, to reclaim what was sent. */
  #netpoll(): void {
    for (const { napi } of this.#driver.napis) if (!napi.scheduled) napi.poll(napi, 0);
  }

  /** Bytes that were announced, and that the card has long sent. */
  #findByteStall(txq: NetdevQueue): void {
    const { checker, startXmit: fn } = this.#driver;
    const { index, dql, transStart } = txq;
    if (netifTxQueueStopped(txq) || !netifXmitStopped(txq)) return;
    if (checker.now - transStart < QUEUE_STOPPED_MS) return;
    const text = `transmit queue ${index} is stopped by its byte limit: ${(dql.numQueued - dql.numCompleted) | 0} bytes of netdevTxSentQueue are not completed, and the card has sent all it had`;
    checker.report('bql', { text, fn });
  }

  #checkByteLimits(): void {
    const { dev, checker, startXmit: fn } = this.#driver;
    for (const { index, dql } of dev.txq) {
      const bytes = (dql.numQueued - dql.numCompleted) | 0;
      if (bytes === 0) continue;
      const text = `transmit queue ${index} begins with ${bytes} bytes of netdevTxSentQueue that were neither completed nor reset (netdevTxResetQueue)`;
      checker.report('bql', { text, fn });
    }
  }

  /** A driver may look for itself every few seconds; one that changes the carrier when it is asked to is let alone. */
  #checkCarrier(): void {
    const { dev, nic, checker, newlink: fn } = this.#driver;
    const carrier = netifCarrierOk(dev);
    if (!nic.started || carrier === nic.link || dev.netdevOps.ndoChangeCarrier !== undefined) {
      this.#linkWrongSince = null;
      return;
    }
    this.#linkWrongSince ??= checker.now;
    const seconds = Math.round((checker.now - this.#linkWrongSince) / 1000);
    if (seconds * 1000 < CARRIER_MS) return;
    const said = carrier ? 'on, and the card has no link' : 'off, and the card has link';
    checker.report('carrier', { text: `for ${seconds} s the carrier is ${said}`, fn });
  }
}
