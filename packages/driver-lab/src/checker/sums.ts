/** The device's counters against what the card has sent, what was delivered, and what they were before. */
import { devGetStats, type RtnlLinkStats64 } from '@etherloom/netcore';
import type { DriverUnderTest } from './driver-under-test.ts';

export class Sums {
  readonly #driver: DriverUnderTest;
  #last: RtnlLinkStats64;

  constructor(driver: DriverUnderTest) {
    this.#driver = driver;
    this.#last = { ...driver.dev.stats };
  }

  look(): void {
    const { dev, checker, getStats: fn } = this.#driver;
    const before = this.#last;
    this.#last = devGetStats(dev);
    for (const [name, value] of Object.entries(this.#last) as [keyof RtnlLinkStats64, number][]) {
      const was = before[name] ?? 0;
      if (value >= was) continue;
      checker.report('stats-backwards', { text: `${name} was ${was}, and is ${value}`, fn });
    }
    this.#checkTx();
    this.#checkRx();
  }

  #checkTx(): void {
    const { nic, book, checker, sentAt: at } = this.#driver;
    if (this.#oopsed) return;
    if (nic.tx.pending > 0 || [...book.owned].some(({ origin }) => origin === 'xmit')) return;
    const { txPackets, txBytes } = this.#last;
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

  /** After these the sums say nothing more. */
  get #oopsed(): boolean {
    const { counts } = this.#driver.checker;
    return (['oops', 'async', 'stats-backwards'] as const).some((rule) => counts.get(rule)! > 0);
  }

  #checkRx(): void {
    const { nic, checker, delivered, deliveredBytes, deliveredAt: at } = this.#driver;
    if (this.#oopsed) return;
    const { rxPackets, rxBytes, rxErrors, rxDropped } = this.#last;
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
