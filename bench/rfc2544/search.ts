/**
 * Binary search with loss verification (ETSI NFV-TST009 12.3.3, RFC 9004 6.2): the highest rate without loss. A lossy
 * trial is repeated before its rate is rejected, unless it lost far too much: one hiccup of a machine with other work
 * must not halve the result.
 */
export interface TrialOutcome {
  /** Frames that were dropped. */
  readonly lost: number;
  /** Frames that were to be sent, and those that were. */
  readonly intended: number;
  readonly offered: number;
}

export interface SearchOptions {
  readonly low: number;
  readonly high: number;
  /** Ends when the two are so close, as a part of the higher: 0.01. */
  readonly width: number;
  /** How often a lossy trial is repeated. */
  readonly repeats: number;
  /** A trial that lost more than this part is not repeated. */
  readonly hopeless: number;
}

export interface SearchStep {
  readonly rate: number;
  readonly lossRatio: number;
  readonly passed: boolean;
}

export interface SearchResult {
  /** The highest rate that passed; 0 when not even `low` did. */
  readonly rate: number;
  readonly steps: readonly SearchStep[];
}

/** What was not offered counts as lost: a rate that the source cannot keep is not a rate of the switch. */
export function lossRatio({ lost, intended, offered }: TrialOutcome): number {
  const short = Math.max(0, intended - offered);
  return intended === 0 ? 1 : (lost + (short > intended * NOT_OFFERED ? short : 0)) / intended;
}
/** The last turn of a source may end before all that is due has left. */
const NOT_OFFERED = 0.01;

export async function searchRate(
  trial: (rate: number) => Promise<TrialOutcome>,
  options: SearchOptions,
): Promise<SearchResult> {
  const steps: SearchStep[] = [];
  const passes = async (rate: number): Promise<boolean> => {
    for (let turn = 0; turn <= options.repeats; turn++) {
      const ratio = lossRatio(await trial(rate));
      steps.push({ rate, lossRatio: ratio, passed: ratio === 0 });
      if (ratio === 0) return true;
      if (ratio > options.hopeless) return false;
    }
    return false;
  };
  let { low, high } = options;
  if (await passes(high)) return { rate: high, steps };
  let best = 0;
  while (high - low > high * options.width) {
    const middle = (low + high) / 2;
    if (await passes(middle)) {
      low = middle;
      best = middle;
    } else high = middle;
  }
  if (best === 0 && options.low > 0 && (await passes(options.low))) best = options.low;
  return { rate: best, steps };
}
