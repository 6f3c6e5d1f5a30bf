import type { Trial } from '../report/trial.ts';
import { rfc2544Trial } from './rfc2544-trial.ts';

export const rfc2544Trials: readonly Trial[] = [rfc2544Trial];
