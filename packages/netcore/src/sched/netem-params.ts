/**
 * What network emulation is told to do to frames: settings of netem-model.ts. cf. struct netem_sched_data, net/sched/sch_netem.c
 * Milliseconds, probabilities from 0 to 1, bits a second, bytes, frames; 0 is always "none".
 */

export type NetemDistribution = 'uniform' | 'normal' | 'pareto' | 'paretonormal';

/** Four states: received in a gap (1), received in a burst (2), lost in a burst (3), lost in a gap (4). */
export interface NetemLossState {
  readonly p13: number;
  readonly p31: number;
  readonly p32: number;
  readonly p23: number;
  readonly p14: number;
}

/** Gilbert and Elliot: good to bad with p, bad to good with r; 1-h is lost of the bad state, 1-k of the good one. */
export interface NetemLossGemodel {
  readonly p: number;
  readonly r: number;
  readonly '1-h': number;
  readonly '1-k': number;
}

/** Frames leave in bursts only. The time from slot to slot is minDelay to maxDelay, or a distribution's. */
export interface NetemSlot {
  readonly minDelay: number;
  readonly maxDelay: number;
  readonly distribution: NetemDistribution | null;
  readonly delay: number;
  readonly jitter: number;
  /** What a slot takes at most; 0 is no limit. */
  readonly packets: number;
  readonly bytes: number;
}

export interface NetemParams {
  readonly delay: number;
  /** Uniform: [delay - jitter, delay + jitter). With a distribution it is one standard deviation. */
  readonly jitter: number;
  readonly delayCorrelation: number;
  readonly distribution: NetemDistribution;
  readonly loss: number;
  readonly lossCorrelation: number;
  /** Each takes the place of `loss`; the second of the first. */
  readonly lossState: NetemLossState | null;
  readonly lossGemodel: NetemLossGemodel | null;
  readonly duplicate: number;
  readonly duplicateCorrelation: number;
  readonly corrupt: number;
  readonly corruptCorrelation: number;
  /** Frames that go at once while the others are delayed; only every `gap`-th may. No gap, no reordering. */
  readonly reorder: number;
  readonly reorderCorrelation: number;
  readonly gap: number;
  /** Bits a second; 0 is unlimited. */
  readonly rate: number;
  readonly packetOverhead: number;
  readonly cellSize: number;
  readonly cellOverhead: number;
  readonly slot: NetemSlot | null;
  /** Frames held at most; 0 is the default for these settings, below 0 none is taken. */
  readonly limit: number;
  /** Marks instead of losing what can be marked. */
  readonly ecn: boolean;
  /** No frame leaves before one that came earlier, whatever jitter says. Ours; Linux has no such setting. */
  readonly ordered: boolean;
}

export const NETEM_NONE: NetemParams = {
  delay: 0,
  jitter: 0,
  delayCorrelation: 0,
  distribution: 'uniform',
  loss: 0,
  lossCorrelation: 0,
  lossState: null,
  lossGemodel: null,
  duplicate: 0,
  duplicateCorrelation: 0,
  corrupt: 0,
  corruptCorrelation: 0,
  reorder: 0,
  reorderCorrelation: 0,
  gap: 0,
  rate: 0,
  packetOverhead: 0,
  cellSize: 0,
  cellOverhead: 0,
  slot: null,
  limit: 0,
  ecn: false,
  ordered: false,
};
