/**
 * Pings the peer each 5 s and gives it up after 10 s without a byte from it.
 *
 * Silence is counted in ticks, not read off a clock: after this process itself has stood still for long, one late tick
 * counts once, and what waits in the sockets is read before the next.
 */
import type { WebSocket } from 'ws';
import { DEAD_AFTER, HEARTBEAT_INTERVAL } from './limits.ts';

const TICK = 2500;
const TICKS_PER_PING = HEARTBEAT_INTERVAL / TICK;
const DEAD_TICKS = DEAD_AFTER / TICK;

export class Heartbeat {
  readonly #ws: WebSocket;
  readonly #dead: () => void;
  readonly #timer: NodeJS.Timeout;
  #tick = 0;
  #silent = 0;

  constructor(ws: WebSocket, dead: () => void) {
    this.#ws = ws;
    this.#dead = dead;
    this.#timer = setInterval(() => this.#onTick(), TICK);
    const heard = () => this.heard();
    ws.on('ping', heard);
    ws.on('pong', heard);
  }

  heard(): void {
    this.#silent = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #onTick(): void {
    // Who does not read cannot hear: a paused socket is our doing, not the peer's silence.
    if (this.#ws.isPaused) this.#silent = 0;
    else if (++this.#silent > DEAD_TICKS) {
      this.#dead();
      return;
    }
    if (++this.#tick % TICKS_PER_PING === 0 && this.#ws.readyState === this.#ws.OPEN) this.#ws.ping();
  }
}
