/** One run of ping: what was sent, what came back, and when it is over. Has no network: it is told. */
import type { Host } from '@etherloom/netcore';

export interface PingResult {
  sent: number;
  received: number;
  duplicates: number;
  /** Seconds; null when nothing came back. */
  rtt: { min: number; avg: number; max: number; mdev: number } | null;
  /** The requests that were not answered, in order, and why. */
  errors: { seq: number; reason: string }[];
}

const UNSENT = 0;
const WAITING = 1;
const ANSWERED = 2;
const FAILED = 3;

export interface PingPlan {
  readonly id: number;
  readonly daddr: number;
  readonly count: number;
  /** Milliseconds. */
  readonly interval: number;
  readonly timeout: number;
}

export class PingRun {
  readonly plan: PingPlan;
  readonly #host: Host;
  /** Sends request `seq`: null, or why it could not be sent. */
  readonly #send: (seq: number) => string | null;
  readonly #done: () => void;
  readonly #state: Uint8Array;
  readonly #sentAt: Float64Array;
  readonly #reasons: string[] = [];
  readonly #rtts: number[] = [];
  #sent = 0;
  #settled = 0;
  #duplicates = 0;
  #sendTimer: unknown = null;
  #expiryTimer: unknown = null;
  /** All before this one are settled. Deadlines are in order of sequence: one timer is enough. */
  #oldest = 1;

  constructor(host: Host, plan: PingPlan, send: (seq: number) => string | null, done: () => void) {
    this.#host = host;
    this.plan = plan;
    this.#send = send;
    this.#done = done;
    this.#state = new Uint8Array(plan.count + 1);
    this.#sentAt = new Float64Array(plan.count + 1);
  }

  start(): void {
    this.#next();
  }

  stop(): void {
    if (this.#sendTimer !== null) this.#host.clearTimer(this.#sendTimer);
    if (this.#expiryTimer !== null) this.#host.clearTimer(this.#expiryTimer);
    this.#sendTimer = null;
    this.#expiryTimer = null;
  }

  /** An echo reply. One that comes after its deadline does not count. */
  reply(seq: number): void {
    const state = this.#state[seq] ?? UNSENT;
    if (state === ANSWERED) this.#duplicates++;
    if (state !== WAITING) return;
    this.#rtts.push((this.#host.now() - this.#sentAt[seq]!) / 1000);
    this.#settle(seq, ANSWERED);
  }

  fail(seq: number, reason: string): void {
    if ((this.#state[seq] ?? UNSENT) !== WAITING) return;
    this.#reasons[seq] = reason;
    this.#settle(seq, FAILED);
  }

  result(): PingResult {
    const errors: PingResult['errors'] = [];
    for (let seq = 1; seq <= this.plan.count; seq++) {
      if (this.#state[seq] === FAILED) errors.push({ seq, reason: this.#reasons[seq]! });
    }
    const received = this.#rtts.length;
    return { sent: this.#sent, received, duplicates: this.#duplicates, rtt: summary(this.#rtts), errors };
  }

  #next(): void {
    const seq = ++this.#sent;
    // Before it is sent: on a queueless path the answer may come back within the call.
    if (seq < this.plan.count) this.#sendTimer = this.#host.setTimer(() => this.#next(), this.plan.interval);
    this.#state[seq] = WAITING;
    this.#sentAt[seq] = this.#host.now();
    this.#arm();
    const refused = this.#send(seq);
    if (refused !== null) this.fail(seq, refused);
  }

  #arm(): void {
    if (this.#expiryTimer !== null) return;
    while (this.#oldest <= this.#sent && this.#state[this.#oldest] !== WAITING) this.#oldest++;
    if (this.#oldest > this.#sent) return;
    const left = this.#sentAt[this.#oldest]! + this.plan.timeout - this.#host.now();
    this.#expiryTimer = this.#host.setTimer(() => this.#expire(), Math.max(0, left));
  }

  #expire(): void {
    this.#expiryTimer = null;
    const seq = this.#oldest;
    if (this.#host.now() - this.#sentAt[seq]! >= this.plan.timeout) this.fail(seq, 'timeout');
    if (this.#settled < this.plan.count) this.#arm();
  }

  #settle(seq: number, state: number): void {
    this.#state[seq] = state;
    if (++this.#settled < this.plan.count) return;
    this.stop();
    this.#done();
  }
}

/** mdev is the standard deviation, as iputils has it. */
function summary(rtts: readonly number[]): PingResult['rtt'] {
  if (rtts.length === 0) return null;
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  let sum = 0;
  for (const rtt of rtts) {
    min = Math.min(min, rtt);
    max = Math.max(max, rtt);
    sum += rtt;
  }
  const avg = sum / rtts.length;
  let squares = 0;
  for (const rtt of rtts) squares += (rtt - avg) ** 2;
  return { min, avg, max, mdev: Math.sqrt(squares / rtts.length) };
}
