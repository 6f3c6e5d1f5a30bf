/** The highest rate that passes, found by doubling and halving the way between (geometrically). */

export interface RateSearch {
  readonly from: number;
  readonly upTo: number;
  /** Halvings after the doubling has met its end. */
  readonly steps: number;
  /** A rate that failed is tried again before it is given up: one hiccup of the machine is not the cable's (ETSI TST009, 12.3.3). */
  passes(rate: number): Promise<boolean>;
}

/** 0 when nothing passed. */
export async function highestRate(search: RateSearch): Promise<number> {
  const twice = async (rate: number): Promise<boolean> => (await search.passes(rate)) || search.passes(rate);
  let good = 0;
  let bad = search.from;
  while (bad <= search.upTo && (await twice(bad))) {
    good = bad;
    bad *= 2;
  }
  if (bad > search.upTo) return good;
  for (let step = 0; step < search.steps; step++) {
    const rate = good === 0 ? bad / 2 : Math.sqrt(good * bad);
    if (await twice(rate)) good = rate;
    else bad = rate;
  }
  return good;
}
