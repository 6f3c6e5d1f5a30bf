/**
 * Delay, jitter, loss and rate of one direction: copies frames into a store of its own and lets them go when due.
 * The arithmetic is netem's (netcore/sched/netem-model.ts); one timer serves all of them (release-timer.ts).
 */
import {
  mulberry32,
  NETEM_LOST,
  NETEM_NONE,
  NETEM_OVERLIMIT,
  NetemModel,
  type NetemParams,
  TimeQueue,
} from '@etherloom/netcore';
import { RECORD_HEADER } from '@etherloom/transport';
import type { Direction } from './direction.ts';
import { NETEM_LIMIT, NETEM_LOSS } from './drops.ts';
import { ImpairTally } from './impair-tally.ts';
import { RecordStore } from './record-store.ts';
import type { ReleaseTimer } from './release-timer.ts';

export class Impairment {
  readonly #model: NetemModel;
  readonly #queue = new TimeQueue();
  readonly #store = new RecordStore();
  readonly #direction: Direction;
  readonly #timer: ReleaseTimer;
  readonly #tally: ImpairTally;
  #seed = -1;
  #random = Math.random;
  #retiring = false;

  constructor(direction: Direction, timer: ReleaseTimer) {
    this.#direction = direction;
    this.#timer = timer;
    direction.tally ??= new ImpairTally();
    this.#tally = direction.tally;
    this.#tally.late.clear();
    this.#model = new NetemModel(() => this.#random());
  }

  /** Frames held. */
  get held(): number {
    return this.#queue.length;
  }

  /** When the first of them is due; Infinity when there is none. */
  get due(): number {
    return this.#queue.peek();
  }

  /** Holds for frames to come; what is held keeps its time. Another seed begins another sequence. */
  configure(params: NetemParams, seed: number): void {
    if (seed !== this.#seed || this.#retiring) this.#random = mulberry32(seed);
    this.#seed = seed;
    this.#retiring = false;
    this.#model.configure(params);
  }

  /** Takes nothing away from now on, and takes itself away once it holds nothing. */
  retire(): void {
    this.#model.configure(NETEM_NONE);
    this.#retiring = true;
    this.#retireIfEmpty();
  }

  /** Judges the record at buf[at] and, if it lives, keeps a copy of it. */
  offer(buf: Uint8Array, at: number, frame: number, now: number): void {
    const copies = this.#model.copies(this.#queue.length);
    if (copies === NETEM_LOST) this.#drop(NETEM_LOSS);
    else if (copies === NETEM_OVERLIMIT) this.#drop(NETEM_LIMIT);
    else this.#keep(buf, at, frame, copies, now);
  }

  /** After a run of offers: what is due at once goes, and the timer knows of the rest. */
  settle(now: number): void {
    if (this.due <= now) this.release(now);
    if (this.#queue.length > 0) this.#timer.arm(this, this.due, now);
  }

  /** Passes on everything due by `now`, neighbours in the store together; returns how many frames. */
  release(now: number): number {
    const queue = this.#queue;
    const store = this.#store;
    const held = queue.length;
    store.beginRun();
    for (let due = queue.peek(); due <= now; due = queue.peek()) {
      const slot = queue.pop();
      if (now > due) this.#tally.late.record(now - due);
      if (!store.extendRun(slot)) {
        this.#passRun(now);
        store.beginRun();
        store.extendRun(slot);
      }
    }
    this.#passRun(now);
    const released = held - queue.length;
    this.#retireIfEmpty();
    return released;
  }

  /** Forgets everything held; returns how many frames that were. */
  clear(): number {
    const held = this.#queue.length;
    for (let slot = this.#queue.pop(); slot >= 0; slot = this.#queue.pop()) this.#store.free(slot);
    this.#model.reset();
    return held;
  }

  #drop(reason: number): void {
    this.#direction.drops.add(reason, 1);
    if (reason === NETEM_LOSS) this.#tally.lost++;
    else this.#tally.overLimit++;
  }

  #retireIfEmpty(): void {
    if (this.#retiring && this.#queue.length === 0) this.#direction.impairment = null;
  }

  #keep(buf: Uint8Array, at: number, frame: number, copies: number, now: number): void {
    for (let i = 0; i < copies; i++) {
      const due = this.#model.due(frame, now);
      if (due > now) this.#tally.delayed++;
      const slot = this.#queue.push(due);
      this.#store.put(slot, buf, at, RECORD_HEADER + frame);
    }
    this.#tally.duplicated += copies - 1;
  }

  #passRun(now: number): void {
    const { runBuf, runAt, runLength, runFrames } = this.#store;
    if (runBuf !== null) this.#direction.pass(runBuf, runAt, runLength, runFrames, now, 0);
  }
}
