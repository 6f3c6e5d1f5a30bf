/**
 * Offers frames to a device at a rate, whether or not the machine can take them, as a wire does. cf. net/core/pktgen.c
 * Each is an skb of its own that goes down devQueueXmit like anybody's; what the queue cannot hold, its qdisc drops.
 * What the machine is too busy even to offer within a moment is lost too, and counted: `late`.
 */
import { devQueueXmit, type NetDevice } from '@etherloom/netcore';

/** So many frames at most before other I/O has its turn. */
const BURST = 1024;
/** Between two turns. A timer of Node would be late by more. */
const PACE_MS = 0.25;
/** How late a frame may be offered. */
const PATIENCE_MS = 20;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

export class PacedSource {
  /** Frames that were due: those given to the device, and those it was too late for. */
  offered = 0;
  late = 0;
  readonly #dev: NetDevice;
  readonly #frame: Uint8Array;
  readonly #rate: number;
  #due = 0;
  #dueAt = performance.now();
  #running = true;

  /** Begins at once. */
  constructor(dev: NetDevice, rate: number, frame: Uint8Array) {
    this.#dev = dev;
    this.#rate = rate;
    this.#frame = frame;
    setImmediate(this.#turn);
  }

  stop(): void {
    this.#running = false;
  }

  readonly #turn = (): void => {
    if (!this.#running) return;
    this.#fallDue();
    const n = Math.min(BURST, Math.floor(this.#due));
    for (let i = 0; i < n; i++) this.#offer();
    this.#due -= n;
    this.offered += n;
    setImmediate(n === BURST ? this.#turn : this.#rest);
  };

  #fallDue(): void {
    const now = performance.now();
    this.#due += ((now - this.#dueAt) * this.#rate) / 1000;
    this.#dueAt = now;
    const late = Math.floor(this.#due - (PATIENCE_MS * this.#rate) / 1000 - BURST);
    if (late <= 0) return;
    this.#due -= late;
    this.late += late;
    this.offered += late;
  }

  readonly #rest = (): void => {
    Atomics.wait(sleeper, 0, 0, PACE_MS);
    setImmediate(this.#turn);
  };

  #offer(): void {
    const skb = this.#dev.pool.alloc(this.#frame.length);
    if (skb === null) {
      this.late++;
      return;
    }
    skb.buf.set(this.#frame, skb.put(this.#frame.length));
    skb.dev = this.#dev;
    devQueueXmit(skb);
  }
}
