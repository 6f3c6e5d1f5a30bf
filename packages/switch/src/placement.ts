/**
 * Which worker a unit lives with. What has a place keeps it: a lab that is applied again shuffles nothing. A new unit
 * goes where the fewest are, and no worker is begun while one has nothing to do; so a lab of one LAN starts none.
 */
import type { Unit } from './unit-state.ts';

/** By unit. */
export type Places = ReadonlyMap<string, number>;

export function placeUnits(
  units: ReadonlyMap<string, Unit>,
  before: Places,
  workers: number,
): Map<string, number> {
  const places = new Map<string, number>();
  const load = new Array<number>(workers).fill(0);
  const put = (key: string, worker: number) => {
    places.set(key, worker);
    load[worker]!++;
  };
  for (const key of units.keys()) {
    const worker = before.get(key);
    if (worker !== undefined) put(key, worker);
  }
  for (const key of units.keys()) if (!places.has(key)) put(key, load.indexOf(Math.min(...load)));
  return places;
}

/** How busy a worker was of late: the share of a core, and what its units were given. */
export interface WorkerLoad {
  readonly worker: number;
  readonly core: number;
  /** Frames of all units, and of each that may be moved. */
  readonly frames: number;
  readonly units: ReadonlyMap<string, number>;
}

export interface Move {
  readonly key: string;
  readonly to: number;
}

/** Below this share of a core nobody waits for anybody. */
const BUSY = 0.6;
/** What a worker must have less of for a move to pay. */
const MARGIN = 0.3;

/** The move that would help most, or null. It takes from the busiest worker what fits best into the idlest. */
export function betterPlace(loads: readonly WorkerLoad[]): Move | null {
  const sorted = loads.toSorted((x, y) => x.core - y.core);
  const [idle] = sorted;
  const busy = sorted.at(-1);
  if (idle === undefined || busy === undefined) return null;
  const gap = busy.core - idle.core;
  if (busy.core < BUSY || gap < MARGIN) return null;
  let best: Move | null = null;
  let least = gap;
  for (const [key, frames] of busy.units) {
    const share = (busy.core * frames) / busy.frames;
    // What the two would then differ by.
    const left = Math.abs(gap - 2 * share);
    if (frames > 0 && left < least - MARGIN / 2) {
      best = { key, to: idle.worker };
      least = left;
    }
  }
  return best;
}
