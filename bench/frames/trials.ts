import type { Trial } from '../report/trial.ts';
import { framesTrial } from './frames-trial.ts';

export const frameTrials: readonly Trial[] = [framesTrial];
