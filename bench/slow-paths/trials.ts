import type { Trial } from '../report/trial.ts';
import { slowPathsTrial } from './slow-paths-trial.ts';

export const slowPathTrials: readonly Trial[] = [slowPathsTrial];
