/** Why a link or an egress queue dropped a frame: an integer on the data path, a name for people. */

/** The link is switched off, or what is plugged in at its far end is away or down. */
export const CARRIER_DOWN = 0;
export const PKT_TOO_BIG = 1;
export const NETEM_LOSS = 2;
/** More frames on the way than the impairment may hold. */
export const NETEM_LIMIT = 3;
export const QUEUE_FRAMES = 4;
export const QUEUE_BYTES = 5;
/** Waited longer than a second for a slow receiver. */
export const QUEUE_AGE = 6;
/** Was under way on an impaired link when its LAN moved to another process. */
export const LAN_MOVED = 7;

const NAMES = [
  'CARRIER_DOWN',
  'PKT_TOO_BIG',
  'NETEM_LOSS',
  'NETEM_LIMIT',
  'QUEUE_FRAMES',
  'QUEUE_BYTES',
  'QUEUE_AGE',
  'LAN_MOVED',
] as const;

export function dropName(reason: number): string {
  return NAMES[reason] ?? `UNKNOWN_${reason}`;
}

export class Drops {
  readonly counts = new Float64Array(NAMES.length);

  add(reason: number, frames: number): void {
    this.counts[reason]! += frames;
  }

  get total(): number {
    return this.counts.reduce((sum, n) => sum + n, 0);
  }

  /** The reasons that happened. */
  toJSON(): Record<string, number> {
    return namedCounts(NAMES, this.counts);
  }
}

/** The counters that are not zero, by name. */
export function namedCounts(names: readonly string[], counts: Float64Array): Record<string, number> {
  const found: Record<string, number> = {};
  for (let i = 0; i < counts.length; i++) if (counts[i] !== 0) found[names[i]!] = counts[i]!;
  return found;
}
