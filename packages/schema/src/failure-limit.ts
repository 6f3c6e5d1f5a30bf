/** Counts wrong tokens by address and makes those wait that try too many. Bounded; no timers. One for all doors of a process. */
export interface FailureLimitOptions {
  /** Failures that are forgiven in a window. */
  readonly allowed?: number;
  readonly windowMs?: number;
  readonly maxAddresses?: number;
  /** Monotonic, in ms. */
  readonly now: () => number;
}

interface Failures {
  count: number;
  last: string;
  readonly until: number;
}

export class FailureLimit {
  readonly #byAddress = new Map<string, Failures>();
  readonly #allowed: number;
  readonly #windowMs: number;
  readonly #maxAddresses: number;
  readonly #now: () => number;

  constructor(options: FailureLimitOptions) {
    this.#allowed = options.allowed ?? 10;
    this.#windowMs = options.windowMs ?? 10_000;
    this.#maxAddresses = options.maxAddresses ?? 10_000;
    this.#now = options.now;
  }

  /** Whole seconds an address has to wait; 0: it may try. */
  waitSeconds(address: string): number {
    const failures = this.#live(address);
    if (failures === undefined || failures.count < this.#allowed) return 0;
    return Math.ceil((failures.until - this.#now()) / 1000);
  }

  /** Why the same `token` (a digest of it) counts once: a program that has an old one repeats it, and guesses nothing. */
  failed(address: string, token: string): void {
    const failures = this.#live(address);
    if (failures !== undefined) {
      if (failures.last !== token) failures.count++;
      failures.last = token;
      return;
    }
    this.#makeRoom();
    this.#byAddress.set(address, { count: 1, last: token, until: this.#now() + this.#windowMs });
  }

  #live(address: string): Failures | undefined {
    const failures = this.#byAddress.get(address);
    if (failures === undefined || failures.until > this.#now()) return failures;
    this.#byAddress.delete(address);
    return undefined;
  }

  /** The oldest goes first: a Map keeps the order of insertion. */
  #makeRoom(): void {
    if (this.#byAddress.size < this.#maxAddresses) return;
    const oldest = this.#byAddress.keys().next();
    if (oldest.done !== true) this.#byAddress.delete(oldest.value);
  }
}
