/** mulberry32: uniform in [0, 1), the same sequence for a seed on every machine. For impairments and tests, not for secrets. */
export class Mulberry32 {
  /** Where it is in its sequence: the seed of what is left of it. */
  state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** 32 bits, as a signed integer: V8 boxes a fraction that a call returns, and no small integer. */
  next32(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    const { state } = this;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return t ^ (t >>> 14);
  }

  next(): number {
    return (this.next32() >>> 0) / 2 ** 32;
  }
}

export function mulberry32(seed: number): () => number {
  const random = new Mulberry32(seed);
  return () => random.next();
}
