/**
 * Network emulation, the arithmetic of it: how many copies of a frame go on, and when each is due.
 * cf. net/sched/sch_netem.c, netem_enqueue. Holds no frame: who queues keeps the bytes and asks time-queue.ts for the order.
 * Time in milliseconds, randomness and time are the caller's; nothing here allocates.
 */

export interface NetemParams {
  /** Milliseconds. */
  readonly delay: number;
  /** Uniform, [delay - jitter, delay + jitter), as netem without a distribution table. Milliseconds. */
  readonly jitter: number;
  /** Probabilities, 0 to 1. */
  readonly loss: number;
  readonly duplicate: number;
  /** Bits a second; 0 is unlimited. */
  readonly rate: number;
  /** Frames held at most; 0 is the default for these settings. */
  readonly limit: number;
}

export const NETEM_NONE: NetemParams = { delay: 0, jitter: 0, loss: 0, duplicate: 0, rate: 0, limit: 0 };

/** What copies() says instead of 1 or 2. */
export const NETEM_LOST = 0;
export const NETEM_OVERLIMIT = -1;

/** netem's own default: right where a rate makes the queue, and far too short where a delay alone does. */
const LIMIT_WITH_RATE = 1000;
const LIMIT_WITHOUT_RATE = 100_000;

export class NetemModel {
  readonly #random: () => number;
  #delay = 0;
  #jitter = 0;
  #loss = 0;
  #duplicate = 0;
  #msPerByte = 0;
  #limit = LIMIT_WITHOUT_RATE;
  /** When the last frame will have left the wire: the next one cannot begin before. */
  #wireFree = Number.NEGATIVE_INFINITY;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** New settings hold for the frames to come; what is queued keeps its time. */
  configure(params: NetemParams): void {
    this.#delay = params.delay;
    this.#jitter = params.jitter;
    this.#loss = params.loss;
    this.#duplicate = params.duplicate;
    this.#msPerByte = params.rate > 0 ? 8000 / params.rate : 0;
    this.#limit = params.limit || (params.rate > 0 ? LIMIT_WITH_RATE : LIMIT_WITHOUT_RATE);
  }

  get limit(): number {
    return this.#limit;
  }

  /**
   * How many copies go on, `queued` being held already: 1, 2, NETEM_LOST or NETEM_OVERLIMIT.
   * In netem's order: duplicate, loss (which takes one copy back), limit; the copy then is a frame like any other,
   * except that it is not duplicated again.
   */
  copies(queued: number): number {
    let count = this.#roll(this.#duplicate) ? 2 : 1;
    if (this.#roll(this.#loss)) count--;
    if (count === 0) return NETEM_LOST;
    if (queued >= this.#limit) return NETEM_OVERLIMIT;
    if (count === 2 && (this.#roll(this.#loss) || queued + 1 >= this.#limit)) count = 1;
    return count;
  }

  /** When a frame of `length` bytes that arrives now is due. Asked once for each copy, in order. */
  due(length: number, now: number): number {
    let at = now + this.#delay;
    if (this.#jitter > 0) at = Math.max(now, at + (this.#random() * 2 - 1) * this.#jitter);
    if (this.#msPerByte === 0) return at;
    at = Math.max(at, this.#wireFree) + length * this.#msPerByte;
    this.#wireFree = at;
    return at;
  }

  /** The wire is idle again: what was queued has been thrown away. */
  reset(): void {
    this.#wireFree = Number.NEGATIVE_INFINITY;
  }

  #roll(probability: number): boolean {
    return probability > 0 && this.#random() < probability;
  }
}
