/**
 * Netem in one direction of a link: judges frames, copies those that live into a store of its own and lets them go when
 * due. The decisions are netem's (netcore/sched/netem-model.ts), each is counted (impair-tally.ts), and one alarm serves
 * all impairments of a process (release-timer.ts).
 */
import {
  inetEcnIsCapable,
  inetEcnSetCe,
  Mulberry32,
  NETEM_CORRUPT,
  NETEM_DUPLICATE,
  NETEM_LOST,
  NETEM_MARK,
  NETEM_NONE,
  NetemModel,
  type NetemParams,
  type NetemSaved,
  TimeQueue,
} from '@etherloom/netcore';
import { RECORD_HEADER } from '@etherloom/transport';
import type { Direction } from './direction.ts';
import { NETEM_LIMIT, NETEM_LOSS } from './drops.ts';
import { ImpairTally } from './impair-tally.ts';
import { RecordStore } from './record-store.ts';
import type { ReleaseTimer } from './release-timer.ts';

/** Where it is in the sequence of its seed. */
export interface ImpairmentState {
  readonly seed: number;
  readonly chance: number;
  readonly model: NetemSaved;
}

export class Impairment {
  readonly #queue = new TimeQueue();
  readonly #store = new RecordStore();
  readonly #direction: Direction;
  readonly #timer: ReleaseTimer;
  readonly #tally: ImpairTally;
  #chance = new Mulberry32(0);
  readonly #model = new NetemModel(this.#chance);
  #seed = -1;
  #ecn = false;
  #retiring = false;

  constructor(direction: Direction, timer: ReleaseTimer) {
    this.#direction = direction;
    this.#timer = timer;
    direction.tally ??= new ImpairTally();
    this.#tally = direction.tally;
    this.#tally.late.clear();
  }

  /** Frames held. */
  get held(): number {
    return this.#queue.length;
  }

  /** When the first of them is due; Infinity when there is none. */
  get due(): number {
    return this.#queue.peek();
  }

  /**
   * Holds for frames to come; what is held keeps its time. The sequence of a seed goes on, whatever else is changed, and
   * begins anew with another seed and after there was no impairment.
   */
  configure(params: NetemParams, seed: number): void {
    this.#model.configure(params);
    this.#ecn = params.ecn;
    if (seed !== this.#seed || this.#retiring) {
      this.#chance = new Mulberry32(seed);
      this.#model.restart(this.#chance);
    }
    this.#seed = seed;
    this.#retiring = false;
  }

  /** Does nothing to a frame from now on, and takes itself away once it holds none. */
  retire(): void {
    this.#model.configure(NETEM_NONE);
    this.#ecn = false;
    this.#retiring = true;
    this.#retireIfEmpty();
  }

  save(now: number): ImpairmentState {
    return { seed: this.#seed, chance: this.#chance.state, model: this.#model.save(now) };
  }

  /** After configure, with nothing held: goes on with the sequence of another process. */
  restore({ seed, chance, model }: ImpairmentState, now: number): void {
    if (seed !== this.#seed || this.#retiring) return;
    this.#chance.state = chance;
    this.#model.restore(model, now);
  }

  /** Judges the record at buf[at] and keeps a copy of it for each time that it is to arrive. */
  offer(buf: Uint8Array, at: number, frame: number, now: number): void {
    const start = at + RECORD_HEADER;
    const ect = this.#ecn && inetEcnIsCapable(buf, start, start + frame);
    const verdict = this.#model.judge(this.#queue.length, ect);
    if (verdict <= NETEM_LOST) {
      this.#drop(verdict);
      return;
    }
    if ((verdict & NETEM_DUPLICATE) !== 0) this.#copy(buf, at, frame, ect, now);
    this.#keep(buf, at, frame, verdict, now);
  }

  /** After a run of offers: what is due at once goes, and the timer knows of the rest. */
  settle(now: number): void {
    if (this.due <= now) this.#timer.went(this.#letGo(now, false));
    if (this.#queue.length > 0) this.#timer.arm(this, this.due, now);
  }

  /** When the alarm has rung; returns how many frames went. */
  release(now: number): number {
    return this.#letGo(now, true);
  }

  /** Forgets everything held; returns how many frames that were. */
  clear(): number {
    const held = this.#queue.length;
    for (let slot = this.#queue.pop(); slot >= 0; slot = this.#queue.pop()) this.#store.free(slot);
    this.#model.reset();
    this.#retireIfEmpty();
    return held;
  }

  /** Passes on everything due by `now`, neighbours in the store together. */
  #letGo(now: number, rung: boolean): number {
    const queue = this.#queue;
    const store = this.#store;
    const held = queue.length;
    store.beginRun();
    for (let due = queue.peek(); due <= now; due = queue.peek()) {
      const slot = queue.pop();
      // Frames that were not held are not late, and do not count as being on time.
      if (rung || now > due) this.#tally.late.record(now - due);
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

  #retireIfEmpty(): void {
    if (this.#retiring && this.#queue.length === 0) this.#direction.impairment = null;
  }

  /** The second of two: a frame like any other, but one that nobody gave. There is room for the first one too. */
  #copy(buf: Uint8Array, at: number, frame: number, ect: boolean, now: number): void {
    this.#tally.duplicated++;
    const verdict = this.#model.judgeCopy(this.#queue.length + 1, ect);
    if (verdict <= NETEM_LOST) this.#drop(verdict);
    else this.#keep(buf, at, frame, verdict, now);
  }

  #drop(verdict: number): void {
    const lost = verdict === NETEM_LOST;
    this.#direction.drops.add(lost ? NETEM_LOSS : NETEM_LIMIT, 1);
    if (lost) this.#tally.lost++;
    else this.#tally.overLimit++;
  }

  #keep(buf: Uint8Array, at: number, frame: number, verdict: number, now: number): void {
    const due = this.#model.due(frame, now);
    if (this.#model.jumped) this.#tally.reordered++;
    else if (due > now) this.#tally.delayed++;
    const slot = this.#queue.push(due);
    this.#store.put(slot, buf, at, RECORD_HEADER + frame);
    if ((verdict & (NETEM_MARK | NETEM_CORRUPT)) !== 0) this.#alter(slot, frame, verdict);
  }

  /** In the store: what came in is lent, and another copy may stay whole. */
  #alter(slot: number, frame: number, verdict: number): void {
    const buf = this.#store.bytesOf(slot);
    const at = this.#store.placeOf(slot) + RECORD_HEADER;
    if ((verdict & NETEM_MARK) !== 0 && inetEcnSetCe(buf, at, at + frame)) this.#tally.ecnMarked++;
    if ((verdict & NETEM_CORRUPT) === 0) return;
    const bit = this.#model.corruptBit(frame);
    buf[at + (bit >> 3)]! ^= 1 << (bit & 7);
    this.#tally.corrupted++;
  }

  #passRun(now: number): void {
    const { runBuf, runAt, runLength, runFrames } = this.#store;
    if (runBuf !== null) this.#direction.pass(runBuf, runAt, runLength, runFrames, now, 0);
  }
}
