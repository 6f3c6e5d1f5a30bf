import type { Trial } from '../report/trial.ts';
import { workersTrial } from './workers-trial.ts';

export const workerTrials: readonly Trial[] = [workersTrial];
