/** Keeps one client WebSocket alive: dials, and dials again with backoff until it is stopped. */
import { dialFailure } from '@etherloom/schema';
import type { WebSocket } from 'ws';
import { Backoff } from './backoff.ts';
import { CodedError } from './coded-error.ts';
import { type DialOptions, dial, dialAddress } from './dial.ts';
import { type Log, silentLog } from './log.ts';

export interface RedialOptions extends DialOptions {
  readonly random: () => number;
  readonly log?: Log | undefined;
}

export class Redialer {
  /** An open socket: its owner must attach its listeners now. */
  onopen: ((ws: WebSocket) => void) | null = null;
  /** The socket of the last onopen has closed. */
  onclosed: ((code: number, reason: string) => void) | null = null;
  /** An attempt failed: no connection, or a server that refused the upgrade. The next one is under way already. */
  onfailed: ((err: Error) => void) | null = null;
  readonly #options: RedialOptions;
  readonly #maxPayload: number;
  readonly #backoff: Backoff;
  readonly #log: Log;
  #ws: WebSocket | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running = false;
  #failures = 0;

  /** Throws EINVAL at once for an address that can never be dialled. */
  constructor(options: RedialOptions, maxPayload: number) {
    dialAddress(options.url);
    this.#options = options;
    this.#maxPayload = maxPayload;
    this.#backoff = new Backoff(options.random);
    this.#log = options.log ?? silentLog;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    if (this.#ws === null) this.#dial(); // else a socket is closing, and its end dials
  }

  /** No socket and no timer is left, but for a closing handshake of at most 3 s. */
  stop(code = 1000, reason = ''): void {
    this.#running = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const ws = this.#ws;
    if (ws === null) return;
    if (ws.readyState === ws.CONNECTING) ws.terminate();
    else ws.close(code, reason);
  }

  /** The far end does not want us soon. */
  slowDown(): void {
    this.#backoff.slowDown();
  }

  #dial(): void {
    this.#timer = null;
    const ws = dial(this.#options, this.#maxPayload);
    this.#ws = ws;
    let openedAt = 0;
    ws.on('error', (err) => {
      if (openedAt === 0 && this.#running) this.#onFailed(err);
    });
    ws.on('open', () => {
      openedAt = performance.now();
      this.#failures = 0;
      this.onopen?.(ws);
    });
    ws.on('close', (code, reason) => {
      this.#ws = null;
      if (openedAt > 0) {
        this.#backoff.lasted(performance.now() - openedAt);
        this.onclosed?.(code, reason.toString());
      }
      this.#later();
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
    if (!this.#running || this.#timer !== null || this.#ws !== null) return;
    this.#timer = setTimeout(() => this.#dial(), this.#backoff.next());
  }
}
