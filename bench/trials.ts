/**
 * All trials, in the order of the report. A run whose time is over is cut from its end, so what no bar asks for is last.
 * Those of one folder are listed by the folder's own `trials.ts`.
 */
import { controlTrials } from './control/trials.ts';
import { coreTrials } from './core/trials.ts';
import { frameTrials } from './frames/trials.ts';
import { impairTrials } from './impair/trials.ts';
import { ladderTrials } from './ladder/trials.ts';
import type { Trial } from './report/trial.ts';
import { rfc2544Trials } from './rfc2544/trials.ts';
import { rfc2889Trials } from './rfc2889/trials.ts';
import { slowPathTrials } from './slow-paths/trials.ts';
import { tapTrials } from './tap/trials.ts';
import { workerTrials } from './workers/trials.ts';

export const trials: readonly Trial[] = [
  ...frameTrials,
  ...ladderTrials,
  ...rfc2544Trials,
  ...rfc2889Trials,
  ...coreTrials,
  ...workerTrials,
  ...slowPathTrials,
  ...impairTrials,
  ...controlTrials,
  ...tapTrials,
];
