/** Gathers what changes in one turn of the event loop and tells it once at its end, each thing once. */
import type { Host } from '@etherloom/netcore';

export class ChangeNotes<T> {
  readonly #host: Host;
  readonly #tell: (thing: T) => void;
  readonly #changed = new Set<T>();

  constructor(host: Host, tell: (thing: T) => void) {
    this.#host = host;
    this.#tell = tell;
  }

  add(thing: T): void {
    if (this.#changed.size === 0) this.#host.endOfTurn(() => this.#flush());
    this.#changed.add(thing);
  }

  #flush(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const thing of changed) this.#tell(thing);
  }
}
