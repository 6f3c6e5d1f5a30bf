import type { Trial } from '../report/trial.ts';
import { ladderTrial } from './ladder-trial.ts';

export const ladderTrials: readonly Trial[] = [ladderTrial];
