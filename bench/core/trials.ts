import type { Trial } from '../report/trial.ts';
import { bridgeCoreTrial } from './bridge-core-trial.ts';

export const coreTrials: readonly Trial[] = [bridgeCoreTrial];
