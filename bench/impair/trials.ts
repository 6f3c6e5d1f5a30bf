import type { Trial } from '../report/trial.ts';
import { impairTrial } from './impair-trial.ts';

export const impairTrials: readonly Trial[] = [impairTrial];
