import type { Trial } from '../report/trial.ts';
import { addressesTrial } from './addresses-trial.ts';
import { broadcastTrial } from './broadcast-trial.ts';
import { congestionTrial } from './congestion-trial.ts';
import { incastTrial } from './incast-trial.ts';
import { meshTrial } from './mesh-trial.ts';

export const rfc2889Trials: readonly Trial[] = [
  meshTrial,
  incastTrial,
  congestionTrial,
  addressesTrial,
  broadcastTrial,
];
