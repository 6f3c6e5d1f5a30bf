import type { Trial } from '../report/trial.ts';
import { apply200, apply1000 } from './apply.ts';
import { idle1000 } from './idle.ts';

export const controlTrials: readonly Trial[] = [apply200, apply1000, idle1000];
