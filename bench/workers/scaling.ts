/** How much more the processes of a switch forward than one, told from the CPU time that the same frames take. */

/** Some seconds of two busy LANs. */
export interface Span {
  readonly wallSeconds: number;
  /** Of both LANs. */
  readonly frames: number;
  /** CPU seconds by process of the switch, the one that listens first. */
  readonly cpu: readonly number[];
}

/** The same offered to both switches, one after the other. */
export interface Round {
  readonly two: Span;
  readonly one: Span;
}

/** CPU nanoseconds of one process a frame of all frames. */
export function cpuNsOf({ cpu, frames }: Span, process: number): number {
  return (cpu[process]! * 1e9) / frames;
}

/** The busier process is full first: what all forward then, to what one process forwards when it is full. */
export function timesOneWorker({ two, one }: Round): number {
  const busier = Math.max(...two.cpu.map((_, process) => cpuNsOf(two, process)));
  return cpuNsOf(one, 0) / busier;
}
