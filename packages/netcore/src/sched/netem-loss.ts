/** Which frames are lost: at random, by a Markov chain of four states, or by Gilbert and Elliot. cf. loss_event, net/sched/sch_netem.c */
import type { Mulberry32 } from '../mulberry32.ts';
import { CrndState } from './crndstate.ts';
import type { NetemLossGemodel, NetemLossState, NetemParams } from './netem-params.ts';

const TX_IN_GAP = 1;
const TX_IN_BURST = 2;
const LOST_IN_BURST = 3;
const LOST_IN_GAP = 4;

/** The good state of Gilbert and Elliot; TX_IN_BURST is the bad one. */
const GOOD_STATE = 1;
const BAD_STATE = 2;

/** What of it goes to another process. */
export interface NetemLossSaved {
  readonly last: number;
  readonly state: number;
}

export class NetemLoss {
  readonly #cor = new CrndState();
  #loss = 0;
  #states: NetemLossState | null = null;
  #gemodel: NetemLossGemodel | null = null;
  #state = TX_IN_GAP;

  /** A chain that is not replaced by another goes on from where it is. */
  configure({ loss, lossCorrelation, lossState, lossGemodel }: NetemParams): void {
    if (
      (lossState === null) !== (this.#states === null) ||
      (lossGemodel === null) !== (this.#gemodel === null)
    )
      this.#state = TX_IN_GAP;
    this.#loss = loss;
    this.#cor.rho = lossCorrelation;
    this.#states = lossState;
    this.#gemodel = lossGemodel;
  }

  reset(last: number): void {
    this.#cor.reset(last);
    this.#state = TX_IN_GAP;
  }

  save(): NetemLossSaved {
    return { last: this.#cor.last, state: this.#state };
  }

  /** After configure. */
  restore({ last, state }: NetemLossSaved): void {
    this.#cor.last = last;
    this.#state = state;
  }

  /** True when the next frame is lost. Without a setting no chance is drawn. */
  event(random: Mulberry32): boolean {
    if (this.#gemodel !== null) return this.#gilbElliot(this.#gemodel, random);
    if (this.#states !== null) return this.#fourStates(this.#states, random);
    return this.#loss > 0 && this.#cor.below(random.next32(), this.#loss);
  }

  /** A frame is lost by entering one of the two states of loss. cf. loss_4state */
  #fourStates({ p13, p31, p32, p23, p14 }: NetemLossState, random: Mulberry32): boolean {
    const rnd = (random.next32() >>> 0) / 2 ** 32;
    switch (this.#state) {
      case TX_IN_GAP:
        if (rnd < p14) this.#state = LOST_IN_GAP;
        else if (rnd < p14 + p13) this.#state = LOST_IN_BURST;
        break;
      case TX_IN_BURST:
        if (rnd < p23) this.#state = LOST_IN_BURST;
        break;
      case LOST_IN_BURST:
        if (rnd < p32) this.#state = TX_IN_BURST;
        else if (rnd < p32 + p31) this.#state = TX_IN_GAP;
        break;
      default:
        this.#state = TX_IN_GAP;
    }
    return this.#state >= LOST_IN_BURST;
  }

  /** A frame is judged in the state it finds; only the next one meets the new state. cf. loss_gilb_ell */
  #gilbElliot({ p, r, '1-h': bad, '1-k': good }: NetemLossGemodel, random: Mulberry32): boolean {
    // Spelt out: V8 boxes a fraction that it hands to a function it did not inline.
    if (this.#state === GOOD_STATE) {
      if (random.next32() >>> 0 < p * 2 ** 32) this.#state = BAD_STATE;
      return random.next32() >>> 0 < good * 2 ** 32;
    }
    if (random.next32() >>> 0 < r * 2 ** 32) this.#state = GOOD_STATE;
    return random.next32() >>> 0 < bad * 2 ** 32;
  }
}
