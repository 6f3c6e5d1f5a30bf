/** A source of chance whose every value leans on the one before it. cf. struct crndstate, get_crandom, net/sched/sch_netem.c */
export class CrndState {
  rho = 0;
  /** What the next value leans on. */
  last = 0;

  /** The first value leans on this one. */
  reset(last: number): void {
    this.last = last;
  }

  /** The value that follows from a fresh draw: itself, or a mean of it and the last value weighted by rho. */
  next(drawn: number): number {
    if (this.rho === 0) return drawn;
    this.last = drawn * (1 - this.rho) + this.last * this.rho;
    return this.last;
  }
}
