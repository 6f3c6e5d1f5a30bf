/** Slots: frames that are due wait for the next one, and leave together. cf. get_slot_next, net/sched/sch_netem.c */
import type { Mulberry32 } from '../mulberry32.ts';
import { netemDeviation, netemTable } from './netem-distribution.ts';
import type { NetemSlot } from './netem-params.ts';

/** What of them goes to another process; `next` from now on. */
export interface NetemSlotsSaved {
  readonly next: number;
  readonly packetsLeft: number;
  readonly bytesLeft: number;
}

export class NetemSlots {
  #config: NetemSlot | null = null;
  #table: Float64Array | null = null;
  /** When the slot of the frames that come now opens. */
  #next = Number.NEGATIVE_INFINITY;
  #packetsLeft = 0;
  #bytesLeft = 0;

  /** A slot that is open or announced stays; the next one follows the new settings. */
  configure(config: NetemSlot | null): void {
    this.#config = config;
    this.#table = netemTable(config?.distribution ?? 'uniform');
    if (config === null) this.reset();
  }

  reset(): void {
    this.#next = Number.NEGATIVE_INFINITY;
  }

  save(now: number): NetemSlotsSaved {
    return { next: this.#next - now, packetsLeft: this.#packetsLeft, bytesLeft: this.#bytesLeft };
  }

  /** After configure. */
  restore({ next, packetsLeft, bytesLeft }: NetemSlotsSaved, now: number): void {
    this.#next = next + now;
    this.#packetsLeft = packetsLeft;
    this.#bytesLeft = bytesLeft;
  }

  /**
   * When a frame leaves that came at `now` and is due at `due`. A slot announced since its coming may open before it is
   * due; then it takes the one after that.
   */
  leave(due: number, length: number, now: number, random: Mulberry32): number {
    const config = this.#config;
    if (config === null) return due;
    if (this.#next < due) this.#announce(now, config, random);
    if (this.#next < due) this.#announce(due, config, random);
    const at = Math.max(due, this.#next);
    this.#packetsLeft--;
    this.#bytesLeft -= length;
    if (this.#packetsLeft <= 0 || this.#bytesLeft <= 0) this.#announce(this.#next, config, random);
    return at;
  }

  #announce(from: number, config: NetemSlot, random: Mulberry32): void {
    this.#next = from + this.#gap(config, random.next());
    this.#packetsLeft = config.packets || Number.POSITIVE_INFINITY;
    this.#bytesLeft = config.bytes || Number.POSITIVE_INFINITY;
  }

  #gap(config: NetemSlot, drawn: number): number {
    if (config.distribution === null) return config.minDelay + drawn * (config.maxDelay - config.minDelay);
    return Math.max(0, config.delay + config.jitter * netemDeviation(this.#table, drawn));
  }
}
