/** Rings once at the end of a turn of the event loop for everybody who has something to flush. */
import type { Host } from '@etherloom/netcore';

export interface Flushable {
  /** Set while it waits for the bell. */
  rung: boolean;
  flush(): void;
}

export class Doorbell {
  readonly #host: Host;
  #waiting: Flushable[] = [];
  #next: Flushable[] = [];
  readonly #ring = () => this.#flush();

  constructor(host: Host) {
    this.#host = host;
  }

  ring(who: Flushable): void {
    if (who.rung) return;
    who.rung = true;
    if (this.#waiting.length === 0) this.#host.endOfTurn(this.#ring);
    this.#waiting.push(who);
  }

  #flush(): void {
    const now = this.#waiting;
    this.#waiting = this.#next;
    this.#next = now;
    for (const who of now) {
      who.rung = false;
      who.flush();
    }
    now.length = 0;
  }
}
