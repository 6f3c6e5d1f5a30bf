/**
 * Pings the peer each 5 s and gives it up after 10 s without a byte from it.
 *
 * Silence is counted in ticks, not read off a clock: after this process itself has stood still for long, one late tick
 * counts once, and what waits in the sockets is read before the next.
 */
import { DEAD_AFTER, HEARTBEAT_INTERVAL } from './limits.ts';

export const TICK = 2500;
const TICKS_PER_PING = HEARTBEAT_INTERVAL / TICK;
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

  constructor(pulse: Pulse) {
    this.#pulse = pulse;
    this.#timer = setInterval(() => this.#onTick(), TICK);
  }

  heard(): void {
    this.#silent = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #onTick(): void {
    if (this.#pulse.paused) this.#silent = 0;
    else if (++this.#silent > DEAD_TICKS) {
      this.#pulse.dead();
      return;
    }
    this.#pulse.tick?.();
    if (++this.#ticks % TICKS_PER_PING === 0) this.#pulse.ping();
  }
}
