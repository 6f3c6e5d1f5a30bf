/**
 * Looks now and then how busy the workers are and lets a unit live elsewhere when one works hard beside an idle one.
 * Units that impair frames stay where they are, since a move drops what is under way there and begins the sequence of a
 * seed again; so do those of very many devices, which stand still for as long as the move takes.
 */
import type { Host } from '@etherloom/netcore';
import type { Log } from '@etherloom/transport-ws';
import { betterPlace, type WorkerLoad } from './placement.ts';
import type { Shard } from './shard.ts';
import type { ShardLoad } from './unit-state.ts';

const INTERVAL_MS = 2000;
/** Looks that a unit stays where it has been put: the load of a move itself is no reason for the next. */
const REST = 5;

/** The part of a spread service that is asked for. */
export interface Movable {
  readonly shards: readonly Shard[];
  moveUnit(key: string, to: number): Promise<void>;
}

interface Sample {
  readonly at: number;
  readonly load: ShardLoad;
}

export class Rebalancer {
  readonly #service: Movable;
  readonly #log: Log;
  readonly #host: Host;
  #timer: unknown;
  #before = new Map<number, Sample>();
  #resting = new Map<string, number>();
  #stopped = false;

  constructor(service: Movable, host: Host, log: Log) {
    this.#service = service;
    this.#host = host;
    this.#log = log;
    this.#timer = host.setTimer(() => void this.#tick(), INTERVAL_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#host.clearTimer(this.#timer);
  }

  async #tick(): Promise<void> {
    try {
      if (this.#service.shards.length > 1) await this.#look();
    } catch (err) {
      this.#log.debug({ err }, 'could not ask or move; looking again soon');
    }
    if (!this.#stopped) this.#timer = this.#host.setTimer(() => void this.#tick(), INTERVAL_MS);
  }

  async #look(): Promise<void> {
    const samples = new Map<number, Sample>();
    for (const shard of this.#service.shards) {
      const load = await shard.load();
      samples.set(shard.worker, { at: this.#host.now(), load });
    }
    const loads = [...samples].flatMap(([worker, sample]) => {
      const before = this.#before.get(worker);
      return before === undefined ? [] : [this.#between(worker, before, sample)];
    });
    this.#before = samples;
    this.#restLess();
    const move = betterPlace(loads);
    if (move === null) return;
    this.#resting.set(move.key, REST);
    await this.#service.moveUnit(move.key, move.to);
    this.#before.clear();
  }

  #between(worker: number, { at, load }: Sample, now: Sample): WorkerLoad {
    const counted = new Map(load.units.map(({ key, frames }) => [key, frames]));
    const since = now.load.units.map((unit) => {
      return { ...unit, frames: Math.max(0, unit.frames - (counted.get(unit.key) ?? 0)) };
    });
    const movable = since.filter(({ key, stays }) => !stays && !this.#resting.has(key));
    return {
      worker,
      core: ((now.load.cpu - load.cpu) * 1000) / (now.at - at),
      frames: since.reduce((sum, { frames }) => sum + frames, 0),
      units: new Map(movable.map(({ key, frames }) => [key, frames])),
    };
  }

  #restLess(): void {
    for (const [key, left] of this.#resting) {
      if (left > 1) this.#resting.set(key, left - 1);
      else this.#resting.delete(key);
    }
  }
}
