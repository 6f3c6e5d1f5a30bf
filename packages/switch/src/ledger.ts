/**
 * Whose count is whose. A device counts what it has sent and received for as long as it lives (its epoch); the switch
 * counts what came from and went to its port for as long as the port is known. The ledger translates the one into the
 * other, and finds what was lost on a cable that broke: it is the difference when the device says hello again.
 */
export interface LedgerState {
  readonly epoch: string;
  readonly txOffset: number;
  readonly rxOffset: number;
  readonly lostUp: number;
  readonly lostDown: number;
}

export class Ledger {
  /** Frames the device sent that never came, and frames sent to it that it never got. */
  lostUp = 0;
  lostDown = 0;
  #epoch = '';
  #txOffset = 0;
  #rxOffset = 0;

  get epoch(): string {
    return this.#epoch;
  }

  /** All it knows, for the switch process that the port moves to. */
  save(): LedgerState {
    const { lostUp, lostDown } = this;
    return { epoch: this.#epoch, txOffset: this.#txOffset, rxOffset: this.#rxOffset, lostUp, lostDown };
  }

  restore(state: LedgerState): void {
    this.#epoch = state.epoch;
    this.#txOffset = state.txOffset;
    this.#rxOffset = state.rxOffset;
    this.lostUp = state.lostUp;
    this.lostDown = state.lostDown;
  }

  /** `tx` and `rx` as the device counts, `received` and `sent` as the port does, with nothing under way. */
  hello(epoch: string, tx: number, rx: number, received: number, sent: number): void {
    if (epoch === this.#epoch) {
      this.lostUp = Math.max(this.lostUp, this.deviceTx(tx) - received);
      this.lostDown = Math.max(this.lostDown, sent - this.deviceRx(rx));
      return;
    }
    // Another incarnation: what its predecessor lost nobody knows, so its counts start where the port stands.
    this.#epoch = epoch;
    this.#txOffset = received + this.lostUp - tx;
    this.#rxOffset = sent - this.lostDown - rx;
  }

  /** What the device has sent, counted from when the port became known. */
  deviceTx(tx: number): number {
    return tx + this.#txOffset;
  }

  deviceRx(rx: number): number {
    return rx + this.#rxOffset;
  }
}
