/** Keeps one client connection alive: dials, and dials again with backoff until it is stopped. */
import { dialFailure } from '@etherloom/schema';
import { Backoff } from './backoff.ts';
import { CodedError } from './coded-error.ts';
import { type DialOptions, dialAddress } from './dial.ts';
import { type Log, silentLog } from './log.ts';
import type { TickWheel } from './tick-wheel.ts';

export interface RedialOptions extends DialOptions {
  readonly random: () => number;
  readonly log?: Log | undefined;
  /** Its connections tick together with others of the process; else each by itself. */
  readonly wheel?: TickWheel | undefined;
}

/** What one attempt tells: perhaps that it is open or has failed, and at last, once, that it is over. */
export interface AttemptEvents {
  opened(): void;
  failed(err: Error): void;
  over(code: number, reason: string): void;
}

/** An attempt to connect, and the connection it becomes. */
export interface Attempt {
  /** Gives up what is not open yet; says goodbye to what is. `over` follows either way. */
  close(code: number, reason: string): void;
}

export class Redialer {
  /** A connection that was open is over. */
  onclosed: ((code: number, reason: string) => void) | null = null;
  /** An attempt failed: no connection, or a server that refused the upgrade. The next one is under way already. */
  onfailed: ((err: Error) => void) | null = null;
  readonly #options: RedialOptions;
  readonly #connect: (events: AttemptEvents) => Attempt;
  readonly #backoff: Backoff;
  readonly #log: Log;
  #attempt: Attempt | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running = false;
  #failures = 0;

  /** Throws EINVAL at once for an address that can never be dialled. */
  constructor(options: RedialOptions, connect: (events: AttemptEvents) => Attempt) {
    dialAddress(options.url);
    this.#options = options;
    this.#connect = connect;
    this.#backoff = new Backoff(options.random);
    this.#log = options.log ?? silentLog;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    if (this.#attempt === null) this.#dial(); // else a connection is closing, and its end dials
  }

  /** No socket and no timer is left, but for a closing handshake of at most 3 s. */
  stop(code = 1000, reason = ''): void {
    this.#running = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#attempt?.close(code, reason);
  }

  /** The far end does not want us soon. */
  slowDown(): void {
    this.#backoff.slowDown();
  }

  #dial(): void {
    this.#timer = null;
    let openedAt = 0;
    this.#attempt = this.#connect({
      opened: () => {
        openedAt = performance.now();
        this.#failures = 0;
      },
      failed: (err) => {
        if (openedAt === 0 && this.#running) this.#onFailed(err);
      },
      over: (code, reason) => {
        this.#attempt = null;
        if (openedAt > 0) {
          this.#backoff.lasted(performance.now() - openedAt);
          this.onclosed?.(code, reason);
        }
        this.#later();
      },
    });
  }

  /** The first failure in a row is worth a warning; the rest would only repeat it. */
  #onFailed(cause: Error & { code?: string }): void {
    const advice = dialFailure(this.#options.url, cause);
    const err = advice === null ? cause : new CodedError(cause.code ?? 'EPROTO', advice, { cause });
    const fields = { url: this.#options.url, reason: err.message };
    if (this.#failures++ === 0 && this.onfailed === null) this.#log.warn(fields, 'cannot connect; trying on');
    else this.#log.debug(fields, 'cannot connect; trying on');
    this.onfailed?.(err);
  }

  #later(): void {
    if (!this.#running || this.#timer !== null || this.#attempt !== null) return;
    this.#timer = setTimeout(() => this.#dial(), this.#backoff.next());
  }
}
