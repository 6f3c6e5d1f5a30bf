/** One port of a bridge: its state and flags, as `bridge -d link` names them. */

export const BR_STATE_DISABLED = 0;
export const BR_STATE_LISTENING = 1;
export const BR_STATE_LEARNING = 2;
export const BR_STATE_FORWARDING = 3;
export const BR_STATE_BLOCKING = 4;

export const BR_STATE_NAMES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const;
export type BrState = 0 | 1 | 2 | 3 | 4;

export interface BridgePortConfig {
  state: BrState;
  learning: boolean;
  flood: boolean;
  mcastFlood: boolean;
  bcastFlood: boolean;
  hairpin: boolean;
  isolated: boolean;
}

/** Changed through Bridge.setPort only: the bridge must know. */
export class BridgePort implements BridgePortConfig {
  readonly no: number;
  state: BrState = BR_STATE_FORWARDING;
  learning = true;
  flood = true;
  mcastFlood = true;
  bcastFlood = true;
  hairpin = false;
  isolated = false;

  // The last frame that was given a port, for the frames that follow it: it holds at this very time and generation of
  // the bridge only, when its source has been learned and its destination has not expired.
  memoAt = Number.NaN;
  memoGeneration = -1;
  memoSrcHi = 0;
  memoSrcLo = 0;
  memoDstHi = 0;
  memoDstLo = 0;
  memoVerdict = 0;

  constructor(no: number) {
    this.no = no;
  }

  remember(
    srcHi: number,
    srcLo: number,
    dstHi: number,
    dstLo: number,
    verdict: number,
    now: number,
    generation: number,
  ): void {
    this.memoSrcHi = srcHi;
    this.memoSrcLo = srcLo;
    this.memoDstHi = dstHi;
    this.memoDstLo = dstLo;
    this.memoVerdict = verdict;
    this.memoAt = now;
    this.memoGeneration = generation;
  }
}
