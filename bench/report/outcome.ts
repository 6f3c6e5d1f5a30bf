/** What became of a trial in a run; the JSON of the report is a list of these. */
import { type Account, type Figure, type Skip, type TrialResult, unaccounted } from './trial.ts';

export interface Outcome {
  readonly name: string;
  readonly title: string;
  readonly shows: string;
  /** 'skipped': this machine cannot run it, or --quick leaves it out. 'cut': the time of the whole run was over. */
  readonly status: 'passed' | 'failed' | 'skipped' | 'cut';
  readonly seconds: number;
  /** What the hypervisor gave to others meanwhile. */
  readonly stealPercent: number;
  /** What other programs took of the machine meanwhile. */
  readonly foreignPercent: number;
  readonly result: TrialResult | null;
  /** Why it failed. */
  readonly failures: readonly string[];
  readonly skip: Skip | null;
}

/** Everything that makes a trial fail although it ran to its end. */
export function failuresOf(result: TrialResult): string[] {
  const accounts = (result.accounts ?? []).flatMap(accountFailure);
  const figures = result.figures.flatMap(figureFailure);
  return [...(result.failures ?? []), ...accounts, ...figures];
}

function accountFailure(account: Account): string[] {
  const missing = unaccounted(account);
  const held = account.held ?? 0;
  const failures: string[] = [];
  if (missing > 0) failures.push(`${account.what}: ${missing} frames are unaccounted for`);
  if (missing < 0) failures.push(`${account.what}: ${-missing} frames more than were sent`);
  if (Number.isNaN(missing)) failures.push(`${account.what}: a sum of its account is not a number`);
  if (held > 0) failures.push(`${account.what}: ${held} frames still held although all is at rest`);
  return failures;
}

function figureFailure({ id, samples }: Figure): string[] {
  if (samples.length === 0) return [`${id}: nothing was measured`];
  return samples.every(Number.isFinite) ? [] : [`${id}: not a number: ${samples.join(', ')}`];
}
