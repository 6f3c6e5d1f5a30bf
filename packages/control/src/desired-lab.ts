/**
 * The lab as it should be, and the one way to change it: one change at a time, checked, then taken by the agents, then
 * stored. What is refused anywhere on the way leaves everything as it was.
 */
import { checkLab, InputError, type Lab } from '@etherloom/schema';
import { ControlError } from './control-error.ts';
import { type LabStore, NO_REVISION, type StoredLab } from './lab-store.ts';
import type { Log } from './log.ts';
import type { NodeFleet } from './node-fleet.ts';
import { changeText, type PlanStep, plan } from './plan.ts';
import type { Reconciler, Verdict } from './reconciler.ts';
import { Serial } from './serial.ts';

export interface ChangeOptions {
  /** Say what would change and change nothing. */
  readonly dryRun?: boolean;
  /** Agents without whose answer there is no point: `the switch`, `node h1`. Silence of others is made good later. */
  readonly needs?: readonly string[];
}

export interface Change {
  readonly lab: Lab | null;
  readonly steps: readonly PlanStep[];
}

export class DesiredLab {
  readonly #store: LabStore;
  readonly #reconciler: Reconciler;
  readonly #fleet: NodeFleet;
  readonly #log: Log;
  #stored: StoredLab | null = null;
  readonly #changes = new Serial();

  constructor(store: LabStore, reconciler: Reconciler, fleet: NodeFleet, log: Log) {
    this.#log = log;
    this.#store = store;
    this.#reconciler = reconciler;
    this.#fleet = fleet;
  }

  /** Takes up what the store holds. */
  async open(): Promise<void> {
    this.#stored = await this.#store.get();
    if (this.#stored === null) return;
    this.#reconciler.set(this.#stored.lab);
    void this.#fleet.sync(this.#stored.lab);
  }

  get current(): Lab | null {
    return this.#stored?.lab ?? null;
  }

  /** `edit` gets the lab as it is and returns it as it should be; it must not change what it gets. */
  change(edit: (lab: Lab | null) => Lab | null, options: ChangeOptions = {}): Promise<Change> {
    return this.#changes.run(() => this.#change(edit, options));
  }

  async #change(edit: (lab: Lab | null) => Lab | null, options: ChangeOptions): Promise<Change> {
    const before = this.current;
    const lab = checked(edit(before));
    const steps = plan(before, lab);
    if (steps.length === 0 || options.dryRun === true) return { lab, steps };
    try {
      await this.#fleet.retire(lab);
      refuseUnless(await this.#reconciler.push(lab), options.needs ?? []);
      await this.#save(lab);
    } catch (error) {
      await this.#reconciler.push(before);
      void this.#fleet.sync(before);
      throw error;
    }
    this.#log.info({ changes: steps.map((step) => changeText(step.change)) }, 'lab changed');
    this.#reconciler.review();
    void this.#fleet.sync(lab);
    return { lab, steps };
  }

  async #save(lab: Lab | null): Promise<void> {
    const expected = this.#stored?.revision ?? NO_REVISION;
    if (lab === null) await this.#store.remove(expected);
    else await this.#store.put(lab, expected);
    this.#stored = await this.#store.get();
  }
}

function checked(lab: Lab | null): Lab | null {
  const found = lab === null ? [] : checkLab(lab);
  if (found[0] !== undefined) throw new InputError(found[0].code, found);
  return lab;
}

/** Throws the first refusal, then the first silence of an agent that was needed. */
function refuseUnless(verdicts: readonly Verdict[], needs: readonly string[]): void {
  for (const { who, refusals } of verdicts) {
    const [refusal] = refusals;
    if (refusal === undefined) continue;
    const where = refusal.what === '' ? who : `${who}, ${refusal.what}`;
    throw new ControlError(refusal.code, `${where}: ${refusal.message}; nothing changed`);
  }
  for (const { who, silence } of verdicts) {
    if (silence === null || !needs.includes(who)) continue;
    throw new ControlError('ENETDOWN', `${who} could not be told: ${silence}; nothing changed`);
  }
}
