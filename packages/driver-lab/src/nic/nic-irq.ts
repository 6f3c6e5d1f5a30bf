/**
 * The interrupt line of the card: a cause register, a mask, and coalescing. It is level triggered: while an enabled
 * cause is set the handler is called, and again when it returns, until the handler has read the cause or masked it.
 */
import type { Host } from '@etherloom/netcore';
import type { NicCounters } from './nic-counters.ts';

/** Causes of an interrupt, as bits. */
export const NIC_IRQ_RX = 1 << 0;
export const NIC_IRQ_TX = 1 << 1;
export const NIC_IRQ_ALL = NIC_IRQ_RX | NIC_IRQ_TX;

/** Calls in a row that leave the cause as it was, before the line is shut for good. cf. note_interrupt, kernel/irq/spurious.c */
const NOBODY_CARED = 100;

/** How the line reaches the machine, and the machine the handler. */
export interface IrqLines {
  interrupt(handler: () => void): void;
  call(handler: () => void): void;
}

export class NicIrq {
  /** Causes that may interrupt. A new card has all of them masked. */
  enabled = 0;
  /** An interrupt waits so long for more of its kind; 0 waits for none. */
  coalesceUsecs = 0;
  /** An interrupt comes at once when so many are due. */
  coalesceFrames = 1;
  /** Called when the handler never reads the cause. */
  onStorm: (() => void) | null = null;
  /** Called when the line is requested; `taken` when it was already. */
  onRequest: ((taken: boolean) => void) | null = null;
  handler: (() => void) | null = null;
  readonly #host: Host;
  readonly #interrupt: (handler: () => void) => void;
  readonly #call: (handler: () => void) => void;
  readonly #counters: NicCounters;
  readonly #fire = () => this.#handle();
  #cause = 0;
  #due = 0;
  #timer: unknown = null;
  #handling = false;

  constructor(host: Host, lines: IrqLines, counters: NicCounters) {
    this.#host = host;
    this.#interrupt = lines.interrupt;
    this.#call = lines.call;
    this.#counters = counters;
  }

  /** cf. request_irq */
  request(handler: () => void): void {
    if (typeof handler !== 'function') throw new TypeError('irq.request: the handler is no function');
    this.onRequest?.(this.handler !== null);
    this.handler = handler;
  }

  /** cf. free_irq: no call after it. */
  free(): void {
    this.handler = null;
    this.enabled = 0;
    this.#cause = 0;
    this.#due = 0;
    this.#stopTimer();
  }

  /** What has happened since the last read; reading clears it. */
  readCause(): number {
    const cause = this.#cause;
    this.#cause = 0;
    return cause;
  }

  /** Unmasks; what happened meanwhile interrupts at once. */
  enable(bits: number = NIC_IRQ_ALL): void {
    this.enabled |= bits;
    this.#consider();
  }

  /** Masks: causes are still noted. */
  disable(bits: number = NIC_IRQ_ALL): void {
    this.enabled &= ~bits;
    if ((this.#cause & this.enabled) === 0) this.#stopTimer();
  }

  /** Said by the card. */
  raise(bit: number): void {
    this.#cause |= bit;
    this.#due++;
    this.#consider();
  }

  #consider(): void {
    if ((this.#cause & this.enabled) === 0 || this.#handling || this.handler === null) return;
    if (this.coalesceUsecs === 0 || this.#due >= this.coalesceFrames) this.#interrupt(this.#fire);
    else this.#timer ??= this.#host.setTimer(() => this.#late(), this.coalesceUsecs / 1000);
  }

  #late(): void {
    this.#timer = null;
    if ((this.#cause & this.enabled) !== 0) this.#interrupt(this.#fire);
  }

  #handle(): void {
    this.#stopTimer();
    this.#handling = true;
    try {
      for (let n = 0; (this.#cause & this.enabled) !== 0 && this.handler !== null; n++) {
        if (n === NOBODY_CARED) {
          this.enabled = 0;
          this.onStorm?.();
          return;
        }
        this.#due = 0;
        this.#counters.interrupts++;
        this.#call(this.handler);
      }
    } finally {
      this.#handling = false;
    }
  }

  #stopTimer(): void {
    if (this.#timer !== null) this.#host.clearTimer(this.#timer);
    this.#timer = null;
  }
}
