/** What no single call shows: once a second the checker looks at what is left lying about, and at the sums. */
import { devGetStats, netifCarrierOk, netifTxQueueStopped } from '@etherloom/netcore';
import type { DriverUnderTest } from './driver-under-test.ts';
import type { OwnedSkb } from './owned-skb.ts';

const PATROL_MS = 1000;
/** A driver frees what it was given "in finite time": the transmit watchdog's five seconds. */
const SKB_MAX_AGE_MS = 5000;
/** The card has nothing left to send and the queue is still stopped. */
const QUEUE_STOPPED_MS = 2000;

export class Patrol {
  readonly #driver: DriverUnderTest;
  #timer: unknown = null;

  constructor(driver: DriverUnderTest) {
    this.#driver = driver;
  }

  /** The device went up. */
  start(): void {
    if (!this.#driver.checker.enabled || this.#timer !== null) return;
    this.#timer = this.#driver.dev.net.host.setTimer(() => {
      this.#timer = null;
      this.look();
      if (this.#driver.open) this.start();
    }, PATROL_MS);
  }

  /** The device went down: what the driver got while it was up must be free again. */
  stop(): void {
    const { dev, book, openedAt } = this.#driver;
    if (this.#timer !== null) dev.net.host.clearTimer(this.#timer);
    this.#timer = null;
    if (!this.#driver.checker.enabled) return;
    for (const owned of [...book.owned]) {
      if (owned.origin === 'xmit' || owned.since >= openedAt) this.#leaked(owned, 'when ndoStop returned');
    }
    this.#checkTx();
    this.#checkRx();
  }

  /** The device is gone. */
  end(): void {
    for (const owned of [...this.#driver.book.owned]) this.#leaked(owned, 'when the device was removed');
  }

  look(): void {
    this.#findLeaks();
    this.#findStoppedQueues();
    this.#netpoll();
    this.#checkTx();
    this.#checkRx();
  }

  #findLeaks(): void {
    const { book, checker, nic } = this.#driver;
    for (const owned of [...book.owned]) {
      const { skb } = owned;
      if (checker.now - owned.since < SKB_MAX_AGE_MS) continue;
      const { buf, head, end } = skb;
      if (nic.tx.holds(buf, head, end) || nic.rx.refers(buf, head, end)) continue;
      this.#leaked(owned, `after ${SKB_MAX_AGE_MS / 1000} s, and the card does not have it`);
    }
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

  #checkTx(): void {
    const { dev, nic, book, checker, sentAt: at } = this.#driver;
    if (this.#oopsed) return;
    if (nic.tx.pending > 0 || [...book.owned].some(({ origin }) => origin === 'xmit')) return;
    const { txPackets, txBytes } = devGetStats(dev);
    const { txFrames, txBytes: bytes, txLost } = nic.counters;
    const fn = this.#driver.startXmit;
    if (txPackets < txFrames || txPackets > txFrames + txLost) {
      const text = `tx_packets is ${txPackets}, and the card has sent ${txFrames} frames and lost ${txLost}`;
      checker.report('stats-tx', { text, at, fn });
    } else if (txBytes < bytes || (txLost === 0 && txBytes > bytes)) {
      const text = `tx_bytes is ${txBytes}, and the card has sent ${bytes} bytes`;
      checker.report('stats-tx', { text, at, fn });
    }
  }

  /** After an exception the sums say nothing more. */
  get #oopsed(): boolean {
    return this.#driver.checker.counts.get('oops')! > 0;
  }

  #checkRx(): void {
    const { dev, nic, checker, delivered, deliveredBytes, deliveredAt: at } = this.#driver;
    if (this.#oopsed) return;
    const { rxPackets, rxBytes, rxErrors, rxDropped } = devGetStats(dev);
    if (rxPackets !== delivered) {
      const text = `rx_packets is ${rxPackets}, and the driver has delivered ${delivered} frames`;
      checker.report('stats-rx', { text, at });
    } else if (rxBytes !== deliveredBytes) {
      const text = `rx_bytes is ${rxBytes}, and the frames delivered had ${deliveredBytes} with their Ethernet headers`;
      checker.report('stats-rx', { text, at });
    }
    const lost = nic.counters.rxFrames - delivered - nic.rx.unread - nic.rx.abandoned;
    if (lost <= rxErrors + rxDropped) return;
    const text = `the card gave the driver ${nic.counters.rxFrames} frames, ${delivered} were delivered, and rx_errors and rx_dropped count ${rxErrors + rxDropped}`;
    checker.report('stats-rx', { text, at });
  }
}
