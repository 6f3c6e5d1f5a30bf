/** A source of chance whose every value leans on the one before it. cf. struct crndstate, get_crandom, net/sched/sch_netem.c */
export class CrndState {
  rho = 0;
  /** What the next value leans on. */
  last = 0;

  /** The first value leans on this one. */
  reset(last: number): void {
    this.last = last;
  }

  /** The value that follows from a fresh draw of 32 bits: itself, or a mean of it and the last value weighted by rho. */
  next(drawn32: number): number {
    const drawn = (drawn32 >>> 0) / 2 ** 32;
    if (this.rho === 0) return drawn;
    this.last = drawn * (1 - this.rho) + this.last * this.rho;
    return this.last;
  }

  /** True with probability p. */
  below(drawn32: number, p: number): boolean {
    if (this.rho === 0) return drawn32 >>> 0 < p * 2 ** 32;
    return this.next(drawn32) < p;
  }
}
