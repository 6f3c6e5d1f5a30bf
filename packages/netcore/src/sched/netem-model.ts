/**
 * Network emulation, the arithmetic of it: what becomes of a frame, and when each copy of it is due. Holds no frame: who
 * queues keeps the bytes and asks time-queue.ts for the order. cf. netem_enqueue, net/sched/sch_netem.c
 *
 *   v = judge(queued, ect)                 NETEM_LOST, NETEM_OVERLIMIT or NETEM_PASS with what else is to be done:
 *   v & NETEM_DUPLICATE                    ask judgeCopy() for the copy, and queue that first
 *   v & NETEM_CORRUPT                      corruptBit(length) is to be turned over, in this copy alone
 *   v & NETEM_MARK                         it is marked "congestion experienced" instead of lost
 *   at = due(length, now); jumped          once for each copy that is queued, in order
 *
 * Time in milliseconds; time and chance are the caller's; nothing here allocates. The same chance, frames and times
 * make the same fate.
 */
import type { Mulberry32 } from '../mulberry32.ts';
import { CrndState } from './crndstate.ts';
import { netemDeviation, netemTable } from './netem-distribution.ts';
import { NetemLoss, type NetemLossSaved } from './netem-loss.ts';
import { NETEM_NONE, type NetemParams } from './netem-params.ts';
import { NetemSlots, type NetemSlotsSaved } from './netem-slot.ts';

/** What judge() says. Negative and zero: the frame goes nowhere, nor does a copy. */
export const NETEM_OVERLIMIT = -1;
export const NETEM_LOST = 0;
export const NETEM_PASS = 1;
export const NETEM_DUPLICATE = 2;
export const NETEM_CORRUPT = 4;
export const NETEM_MARK = 8;

/** netem's own default: right where a rate makes the queue, and far too short where a delay alone does. */
const LIMIT_WITH_RATE = 1000;
const LIMIT_WITHOUT_RATE = 100_000;

/** Where a model is in its sequence, for another process: times from now on. The source of chance is the caller's to move. */
export interface NetemSaved {
  readonly losses: NetemLossSaved;
  /** Of delay, duplicate, corrupt, reorder: what the next value leans on. */
  readonly last: readonly number[];
  readonly slots: NetemSlotsSaved;
  readonly counter: number;
  readonly wireFree: number;
  readonly lastDue: number;
}

export class NetemModel {
  #random: Mulberry32;
  #params: NetemParams = NETEM_NONE;
  #msPerByte = 0;
  #limit = LIMIT_WITHOUT_RATE;
  #table: Float64Array | null = null;
  readonly #losses = new NetemLoss();
  readonly #delayCor = new CrndState();
  readonly #duplicateCor = new CrndState();
  readonly #corruptCor = new CrndState();
  readonly #reorderCor = new CrndState();
  readonly #slots = new NetemSlots();
  /** Frames since the last that jumped the queue. */
  #counter = 0;
  /** When the last frame will have left the wire: the next one cannot begin before. */
  #wireFree = Number.NEGATIVE_INFINITY;
  #lastDue = Number.NEGATIVE_INFINITY;
  /** True when the frame due() was asked about last goes before all others. */
  jumped = false;

  constructor(random: Mulberry32) {
    this.#random = random;
    this.#seedStates();
  }

  /** New settings hold for the frames to come; what is queued keeps its time. Chance goes on where it is. */
  configure(params: NetemParams): void {
    this.#params = params;
    this.#msPerByte = params.rate > 0 ? 8000 / params.rate : 0;
    this.#limit = params.limit || (params.rate > 0 ? LIMIT_WITH_RATE : LIMIT_WITHOUT_RATE);
    this.#table = netemTable(params.distribution);
    this.#losses.configure(params);
    this.#delayCor.rho = params.delayCorrelation;
    this.#duplicateCor.rho = params.duplicateCorrelation;
    this.#corruptCor.rho = params.corruptCorrelation;
    this.#reorderCor.rho = params.reorderCorrelation;
    this.#slots.configure(params.slot);
  }

  /** Begins anew with another source of chance: the next frame meets the fate of a first frame. */
  restart(random: Mulberry32): void {
    this.#random = random;
    this.#seedStates();
    this.#counter = 0;
    this.reset();
  }

  save(now: number): NetemSaved {
    return {
      losses: this.#losses.save(),
      last: this.#correlated.map(({ last }) => last),
      slots: this.#slots.save(now),
      counter: this.#counter,
      wireFree: this.#wireFree - now,
      lastDue: this.#lastDue - now,
    };
  }

  /** After configure: goes on where another model was when it was saved. */
  restore({ losses, last, slots, counter, wireFree, lastDue }: NetemSaved, now: number): void {
    this.#losses.restore(losses);
    for (const [i, state] of this.#correlated.entries()) state.last = last[i] ?? 0;
    this.#slots.restore(slots, now);
    this.#counter = counter;
    this.#wireFree = wireFree + now;
    this.#lastDue = lastDue + now;
  }

  get #correlated(): CrndState[] {
    return [this.#delayCor, this.#duplicateCor, this.#corruptCor, this.#reorderCor];
  }

  get limit(): number {
    return this.#limit;
  }

  /** Of a frame that comes while `queued` are held; `ect`: it can be marked. In netem's order: duplicate, loss, corrupt, limit. */
  judge(queued: number, ect: boolean): number {
    const { duplicate } = this.#params;
    const twice = duplicate > 0 && this.#duplicateCor.below(this.#random.next32(), duplicate);
    return this.#judge(queued, ect, twice);
  }

  /** Of the copy: it comes in as any frame, except that it is not duplicated again. */
  judgeCopy(queued: number, ect: boolean): number {
    return this.#judge(queued, ect, false);
  }

  /** Which bit of a frame of `length` bytes is turned over. */
  corruptBit(length: number): number {
    return Math.floor(((this.#random.next32() >>> 0) / 2 ** 32) * length * 8);
  }

  /** When a frame of `length` bytes that arrives now leaves. */
  due(length: number, now: number): number {
    this.jumped = this.#jumps();
    if (this.jumped) {
      this.#counter = 0;
      return now;
    }
    this.#counter++;
    let at = now + this.#delay();
    if (this.#msPerByte > 0) {
      at = Math.max(at, this.#wireFree) + this.#wireBytes(length) * this.#msPerByte;
      this.#wireFree = at;
    }
    at = this.#slots.leave(at, length, now, this.#random);
    if (this.#params.ordered) at = Math.max(at, this.#lastDue);
    this.#lastDue = at;
    return at;
  }

  /** The wire is idle again: what was queued has been thrown away. */
  reset(): void {
    this.#wireFree = Number.NEGATIVE_INFINITY;
    this.#lastDue = Number.NEGATIVE_INFINITY;
    this.#slots.reset();
  }

  #judge(queued: number, ect: boolean, twice: boolean): number {
    let verdict = twice ? NETEM_PASS | NETEM_DUPLICATE : NETEM_PASS;
    if (this.#losses.event(this.#random)) {
      if (this.#params.ecn && ect) verdict |= NETEM_MARK;
      else if (twice)
        verdict = NETEM_PASS; // the loss takes one of the two
      else return NETEM_LOST;
    }
    const { corrupt } = this.#params;
    if (corrupt > 0 && this.#corruptCor.below(this.#random.next32(), corrupt)) verdict |= NETEM_CORRUPT;
    return queued >= this.#limit ? NETEM_OVERLIMIT : verdict;
  }

  #jumps(): boolean {
    const { gap, reorder } = this.#params;
    if (gap === 0 || this.#counter < gap - 1) return false;
    return this.#reorderCor.below(this.#random.next32(), reorder);
  }

  /** Never negative: no frame leaves before it came. */
  #delay(): number {
    const { delay, jitter } = this.#params;
    if (jitter === 0) return delay;
    const drawn = this.#delayCor.next(this.#random.next32());
    return Math.max(0, delay + jitter * netemDeviation(this.#table, drawn));
  }

  /** Bytes that a frame takes on the wire. cf. packet_time_ns */
  #wireBytes(length: number): number {
    const { packetOverhead, cellSize, cellOverhead } = this.#params;
    const bytes = Math.max(0, length + packetOverhead);
    return cellSize === 0 ? bytes : Math.ceil(bytes / cellSize) * Math.max(0, cellSize + cellOverhead);
  }

  #seedStates(): void {
    this.#losses.reset(this.#random.next());
    for (const state of this.#correlated) state.reset(this.#random.next());
  }
}
