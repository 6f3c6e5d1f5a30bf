/**
 * Keeps a connection's two ends sure of each other. The server pings after 5 s without a byte from the client, who gives
 * it longer: of two ends that both listen one pings and the other answers, half the messages, and a server of many
 * pings them in one go. Either gives the other up after 10 s.
 *
 * Silence is counted in ticks, not read off a clock: after this process itself has stood still for long, one late tick
 * counts once, and what waits in the sockets is read before the next.
 */
import { DEAD_AFTER, HEARTBEAT_INTERVAL } from './limits.ts';
import { TickWheel } from './tick-wheel.ts';

export const TICK = 2500;
const TICKS_PER_PING = HEARTBEAT_INTERVAL / TICK;
const DEAD_TICKS = DEAD_AFTER / TICK;
/** An idle process of a thousand connections wakes up four times a second; each time it is busy for about 1 ms. */
const STEPS = 10;

/** For many connections, which tick together. Whoever has only one gives it none. */
export const heartbeatWheel = () => new TickWheel(TICK, STEPS);

/** What a heartbeat is told and does. */
export interface Pulse {
  readonly role: 'server' | 'client';
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
  readonly #leave: () => void;
  /** Silent ticks until the first ping. */
  readonly #patience: number;
  #ticks = 0;
  #silent = 0;

  constructor(pulse: Pulse, wheel = new TickWheel(TICK, 1)) {
    this.#pulse = pulse;
    this.#patience = TICKS_PER_PING + (pulse.role === 'server' ? 0 : 1);
    this.#leave = wheel.join(() => this.#onTick());
  }

  heard(): void {
    this.#silent = 0;
  }

  stop(): void {
    this.#leave();
  }

  #onTick(): void {
    this.#ticks++;
    if (this.#pulse.paused) this.#silent = 0;
    else if (++this.#silent > DEAD_TICKS) {
      this.#pulse.dead();
      return;
    }
    this.#pulse.tick?.();
    if (this.#due()) this.#pulse.ping();
  }

  #due(): boolean {
    // Why while paused: we answer no ping then, and the peer is to hear of us all the same.
    if (this.#pulse.paused) return this.#ticks % TICKS_PER_PING === 0;
    const over = this.#silent - this.#patience;
    return over >= 0 && over % TICKS_PER_PING === 0;
  }
}
