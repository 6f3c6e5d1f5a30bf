/** How late things were: a histogram of eight buckets an octave, from a microsecond up. Recording allocates nothing. */
import type { Lateness } from '@etherloom/schema';

const SUB_BITS = 3;
const SUB = 1 << SUB_BITS;
const BUCKETS = (31 - SUB_BITS + 1) * SUB;
const MAX_US = 2 ** 31 - 1;

export interface LatenessState {
  readonly counts: Float64Array;
  readonly max: number;
}

export class LatenessHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #max = 0;

  /** Milliseconds. */
  record(late: number): void {
    const us = late <= 0 ? 0 : Math.min(MAX_US, late * 1000) | 0;
    this.#counts[bucketOf(us)]!++;
    if (late > this.#max) this.#max = late;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#max = 0;
  }

  /** In seconds; null while nothing was recorded. */
  summary(): Lateness | null {
    const total = this.#counts.reduce((sum, n) => sum + n, 0);
    if (total === 0) return null;
    const max = this.#max / 1000;
    return {
      p50: Math.min(max, this.#quantile(total * 0.5)),
      p99: Math.min(max, this.#quantile(total * 0.99)),
      max,
    };
  }

  save(): LatenessState {
    return { counts: this.#counts.slice(), max: this.#max };
  }

  restore({ counts, max }: LatenessState): void {
    this.#counts.set(counts);
    this.#max = max;
  }

  /** The middle of the bucket in which the `rank`-th of all is. */
  #quantile(rank: number): number {
    let seen = 0;
    let bucket = 0;
    while (bucket < BUCKETS - 1 && seen + this.#counts[bucket]! < rank) seen += this.#counts[bucket++]!;
    return (startOf(bucket) + startOf(bucket + 1)) / 2e6;
  }
}

function bucketOf(us: number): number {
  if (us < SUB) return us;
  const octave = 31 - Math.clz32(us) - SUB_BITS;
  return (octave + 1) * SUB + ((us >> octave) & (SUB - 1));
}

/** Microseconds. */
function startOf(bucket: number): number {
  if (bucket < SUB) return bucket;
  const octave = (bucket >> SUB_BITS) - 1;
  return (SUB + (bucket & (SUB - 1))) * 2 ** octave;
}
