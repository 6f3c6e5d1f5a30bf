/**
 * Keeps one agent at the slice of the lab it should have: one request at a time, only the newest slice, repeated with
 * backoff until the agent has taken it, and again from the start when the agent has been away. A slice that the agent
 * has taken is not sent twice.
 */
import type { Clock } from './clock.ts';
import { errorCode, errorText } from './control-error.ts';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

/** Something the agent would not do. `what` is a device of a node, or '' for the whole slice. */
export interface Refusal {
  readonly what: string;
  readonly code: string;
  readonly message: string;
}

export type Outcome =
  | { readonly state: 'applied' }
  | { readonly state: 'refused'; readonly refusals: readonly Refusal[] }
  | { readonly state: 'unreachable'; readonly reason: string };

const APPLIED: Outcome = { state: 'applied' };
const NOT_CONNECTED: Outcome = { state: 'unreachable', reason: 'it is not connected' };

/** Sends a slice. Resolves with what was refused, rejects when there was no answer. */
export type SendSlice<S> = (slice: S) => Promise<readonly Refusal[]>;

type Waiter = (outcome: Outcome) => void;

interface Wanted<S> {
  readonly slice: S;
  readonly key: string;
}

export class AgentSync<S> {
  /** What the agent refused of the slice it should have. */
  refusals: readonly Refusal[] = [];
  /** Why the newest request had no answer; null when it had one. */
  problem: string | null = null;
  readonly #clock: Clock;
  readonly #onsettled: (outcome: Outcome) => void;
  #send: SendSlice<S> | null = null;
  #wanted: Wanted<S> | null = null;
  #takenKey: string | null = null;
  #busy = false;
  #retries = 0;
  #timer: unknown = null;
  /** Pushes that wait for the next request, and those the request under way will answer. */
  #waiting: Waiter[] = [];
  #asking: Waiter[] = [];

  constructor(clock: Clock, onsettled: (outcome: Outcome) => void = () => {}) {
    this.#clock = clock;
    this.#onsettled = onsettled;
  }

  get connected(): boolean {
    return this.#send !== null;
  }

  /** A request is under way. */
  get busy(): boolean {
    return this.#busy;
  }

  /** The agent has what it should have. */
  get applied(): boolean {
    return this.#wanted !== null && this.#wanted.key === this.#takenKey;
  }

  connect(send: SendSlice<S>): void {
    this.#forget();
    this.#send = send;
    this.#kick();
  }

  disconnect(): void {
    this.#forget();
    settle(this.#asking.splice(0), NOT_CONNECTED);
    settle(this.#waiting.splice(0), NOT_CONNECTED);
  }

  /** The slice the agent should have from now on; null leaves it alone. */
  set(slice: S | null): void {
    const key = slice === null ? null : JSON.stringify(slice);
    if (key === (this.#wanted?.key ?? null)) return;
    this.#wanted = slice === null || key === null ? null : { slice, key };
    this.#stopTimer();
    this.#retries = 0;
    this.#kick();
  }

  /** As set(); resolves when the agent has answered for this slice or a newer one, or cannot be asked. */
  push(slice: S): Promise<Outcome> {
    return new Promise((resolve) => {
      // The one who waits goes first: set() may start the very request that answers it. An agent that fell silent
      // is waited for in the background, so that it does not hold up each change for as long as a call may take.
      if (this.#send === null) resolve(NOT_CONNECTED);
      else if (this.problem !== null) resolve({ state: 'unreachable', reason: this.problem });
      else this.#waiting.push(resolve);
      this.set(slice);
      this.#stopTimer();
      this.#kick();
    });
  }

  #kick(): void {
    if (this.#busy || this.#send === null) return;
    if (this.applied || this.#wanted === null) {
      settle(this.#waiting.splice(0), APPLIED);
      return;
    }
    if (this.#timer !== null) return;
    this.#busy = true;
    this.#asking = this.#waiting.splice(0);
    void this.#attempt(this.#send, this.#wanted);
  }

  async #attempt(send: SendSlice<S>, wanted: Wanted<S>): Promise<void> {
    const outcome = await ask(send, wanted.slice);
    this.#busy = false;
    if (send === this.#send) this.#answered(wanted, outcome);
    this.#kick();
  }

  #answered(wanted: Wanted<S>, outcome: Outcome): void {
    // Whatever was there before has been touched, so an older slice would have to be sent again.
    this.#takenKey = outcome.state === 'applied' ? wanted.key : null;
    if (wanted.key === this.#wanted?.key) {
      this.refusals = outcome.state === 'refused' ? outcome.refusals : [];
      this.problem = outcome.state === 'unreachable' ? outcome.reason : null;
      if (outcome.state === 'applied') this.#retries = 0;
      else this.#retryLater();
    }
    settle(this.#asking.splice(0), outcome);
    this.#onsettled(outcome);
  }

  #retryLater(): void {
    const delay = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#retries);
    this.#retries = Math.min(this.#retries + 1, 16);
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = null;
      this.#kick();
    }, delay);
  }

  #forget(): void {
    this.#send = null;
    this.#takenKey = null;
    this.#retries = 0;
    this.refusals = [];
    this.problem = null;
    this.#stopTimer();
  }

  #stopTimer(): void {
    if (this.#timer !== null) this.#clock.clearTimer(this.#timer);
    this.#timer = null;
  }
}

function settle(waiters: readonly Waiter[], outcome: Outcome): void {
  for (const resolve of waiters) resolve(outcome);
}

async function ask<S>(send: SendSlice<S>, slice: S): Promise<Outcome> {
  try {
    const refusals = await send(slice);
    return refusals.length === 0 ? { state: 'applied' } : { state: 'refused', refusals };
  } catch (error) {
    return { state: 'unreachable', reason: `${errorCode(error)}: ${errorText(error)}` };
  }
}
