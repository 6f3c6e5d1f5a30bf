/** netem's options as `tc -j qdisc` prints them, in its order; `distribution` and `ordered` are told besides. cf. iproute2 tc/q_netem.c */
import type { NetemParams, NetemSlot } from './netem-params.ts';

type Dump = Record<string, unknown>;

export function dumpNetem(params: NetemParams, limit: number, seed: number): Dump {
  return {
    limit,
    ...dumpDelay(params),
    ...dumpLoss(params),
    ...dumpShare('duplicate', params.duplicate, params.duplicateCorrelation),
    ...dumpShare('reorder', params.reorder, params.reorderCorrelation),
    ...dumpShare('corrupt', params.corrupt, params.corruptCorrelation),
    ...dumpRate(params),
    ...(params.slot === null ? {} : { slot: dumpSlot(params.slot) }),
    seed,
    ecn: params.ecn,
    gap: params.gap,
    ...(params.ordered ? { ordered: true } : {}),
  };
}

/** Milliseconds to seconds, without what binary fractions add. */
function seconds(ms: number): number {
  return Number((ms / 1000).toPrecision(12));
}

function dumpDelay({ delay, jitter, delayCorrelation, distribution }: NetemParams): Dump {
  if (delay === 0 && jitter === 0) return {};
  return {
    delay: { delay: seconds(delay), jitter: seconds(jitter), correlation: delayCorrelation },
    ...(distribution === 'uniform' ? {} : { distribution }),
  };
}

function dumpLoss({ loss, lossCorrelation, lossState, lossGemodel }: NetemParams): Dump {
  return {
    ...(loss === 0 ? {} : { 'loss-random': { loss, correlation: lossCorrelation } }),
    ...(lossState === null ? {} : { 'loss-state': { ...lossState } }),
    ...(lossGemodel === null ? {} : { 'loss-gemodel': { ...lossGemodel } }),
  };
}

function dumpShare(key: string, share: number, correlation: number): Dump {
  return share === 0 ? {} : { [key]: { [key]: share, correlation } };
}

function dumpRate({ rate, packetOverhead, cellSize, cellOverhead }: NetemParams): Dump {
  if (rate === 0) return {};
  const wire = { packetoverhead: packetOverhead, cellsize: cellSize, celloverhead: cellOverhead };
  return { rate: { rate: rate / 8, ...wire } };
}

function dumpSlot({ minDelay, maxDelay, distribution, delay, jitter, packets, bytes }: NetemSlot): Dump {
  const times =
    distribution === null
      ? { 'min-delay': seconds(minDelay), 'max-delay': seconds(maxDelay) }
      : { distribution, delay: seconds(delay), jitter: seconds(jitter) };
  return { ...times, packets, bytes };
}
