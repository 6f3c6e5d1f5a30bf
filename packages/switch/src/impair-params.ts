/** A link's impairment in the terms of netem's model: seconds become milliseconds, what is absent becomes "none". */
import {
  NETEM_NONE,
  type NetemLossGemodel,
  type NetemLossState,
  type NetemParams,
  type NetemSlot,
} from '@etherloom/netcore';
import type { Impair } from '@etherloom/schema';

/** `impair` with all that follows from it (effectiveImpair). */
export function netemParams(impair: Impair): NetemParams {
  const { seed: _, lossState, lossGemodel, slot, delay, jitter, ...same } = impair;
  return {
    ...NETEM_NONE,
    ...(same as Partial<NetemParams>),
    delay: delay * 1000,
    jitter: jitter * 1000,
    // Every probability of them is filled in by then.
    lossState: (lossState ?? null) as NetemLossState | null,
    lossGemodel: (lossGemodel ?? null) as NetemLossGemodel | null,
    slot: slot === undefined ? null : slotParams(slot),
  };
}

function slotParams(slot: NonNullable<Impair['slot']>): NetemSlot {
  const { minDelay = 0, maxDelay = minDelay, delay, jitter = 0, packets = 0, bytes = 0 } = slot;
  return {
    minDelay: minDelay * 1000,
    maxDelay: maxDelay * 1000,
    distribution: delay === undefined ? null : (slot.distribution ?? 'uniform'),
    delay: (delay ?? 0) * 1000,
    jitter: jitter * 1000,
    packets,
    bytes,
  };
}

/** Whether it does nothing to any frame: limit, seed and the rest alone hold nothing. */
export function isNone(params: NetemParams): boolean {
  const { delay, jitter, loss, duplicate, corrupt, rate } = params;
  if (params.lossState !== null || params.lossGemodel !== null || params.slot !== null) return false;
  return delay + jitter + loss + duplicate + corrupt + rate === 0;
}
