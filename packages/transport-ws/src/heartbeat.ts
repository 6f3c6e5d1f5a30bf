/**
 * Pings the peer after 5 s without a byte from it, and gives it up after 10 s. A peer that speaks without being asked
 * is waited for longer, so that of two ends that do this one pings and the other answers: half the messages.
 *
 * Silence is counted in ticks, not read off a clock: after this process itself has stood still for long, one late tick
 * counts once, and what waits in the sockets is read before the next.
 */
import { DEAD_AFTER, HEARTBEAT_INTERVAL } from './limits.ts';

export const TICK = 2500;
const TICKS_PER_PING = HEARTBEAT_INTERVAL / TICK;
/** Until a peer that speaks by itself is pinged. */
const TICKS_UNASKED = TICKS_PER_PING + 1;
const DEAD_TICKS = DEAD_AFTER / TICK;

/** What a heartbeat is told and does. */
export interface Pulse {
  /** Who does not read cannot hear: a paused socket is our doing, not the peer's silence. */
  readonly paused: boolean;
  ping(): void;
  /** Nothing has come for too long. */
  dead(): void;
  /** At every tick of a peer that is not dead. */
  tick?(): void;
}

export class Heartbeat {
  readonly #pulse: Pulse;
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #silent = 0;
  #asked = false;
  /** Silent ticks until the next ping. */
  #patience = TICKS_PER_PING;

  constructor(pulse: Pulse) {
    this.#pulse = pulse;
    this.#timer = setInterval(() => this.#onTick(), TICK);
  }

  heard(): void {
    this.#silent = 0;
    this.#patience = this.#asked ? TICKS_PER_PING : TICKS_UNASKED;
    this.#asked = false;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #onTick(): void {
    this.#ticks++;
    if (this.#pulse.paused) this.#silent = 0;
    else if (++this.#silent > DEAD_TICKS) {
      this.#pulse.dead();
      return;
    }
    this.#pulse.tick?.();
    if (this.#due()) {
      this.#asked = true;
      this.#pulse.ping();
    }
  }

  #due(): boolean {
    // Why while paused: we answer no ping then, and the peer is to hear of us all the same.
    if (this.#pulse.paused) return this.#ticks % TICKS_PER_PING === 0;
    const over = this.#silent - this.#patience;
    return over >= 0 && over % TICKS_PER_PING === 0;
  }
}
