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

  // The last source learned and the last destination found, valid while `cached` is the bridge's generation.
  // A `hi` of -1 is no address: nothing is remembered.
  cached = -1;
  srcHi = -1;
  srcLo = 0;
  srcSlot = -1;
  srcSeen = Number.NaN;
  dstHi = -1;
  dstLo = 0;
  dstSlot = -1;
  dstVerdict = 0;
  /** Until then its entry has not expired for certain; it may have been refreshed since. */
  dstUntil = 0.5;

  constructor(no: number) {
    this.no = no;
  }
}
