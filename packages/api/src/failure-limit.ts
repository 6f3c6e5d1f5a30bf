/** Counts failures by address and makes those wait that fail too often. Bounded; no timers. */
export interface FailureLimitOptions {
  /** Failures that are forgiven in a window. */
  readonly allowed?: number;
  readonly windowMs?: number;
  readonly maxAddresses?: number;
  /** Monotonic, in ms. */
  readonly now?: () => number;
}

interface Failures {
  count: number;
  readonly until: number;
}

export class FailureLimit {
  readonly #byAddress = new Map<string, Failures>();
  readonly #allowed: number;
  readonly #windowMs: number;
  readonly #maxAddresses: number;
  readonly #now: () => number;

  constructor(options: FailureLimitOptions = {}) {
    this.#allowed = options.allowed ?? 10;
    this.#windowMs = options.windowMs ?? 10_000;
    this.#maxAddresses = options.maxAddresses ?? 10_000;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Whole seconds an address has to wait; 0: it may try. */
  waitSeconds(address: string): number {
    const failures = this.#live(address);
    if (failures === undefined || failures.count < this.#allowed) return 0;
    return Math.ceil((failures.until - this.#now()) / 1000);
  }

  failed(address: string): void {
    const failures = this.#live(address);
    if (failures !== undefined) {
      failures.count++;
      return;
    }
    this.#makeRoom();
    this.#byAddress.set(address, { count: 1, until: this.#now() + this.#windowMs });
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
