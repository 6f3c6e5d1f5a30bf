/** The trials over TAPs: ours as Linux hosts see it, beside what else joins two of them. */
import type { Trial } from '../report/trial.ts';
import { pingTrial } from './ping-trial.ts';
import { moreTcpTrials, tcpTrials } from './tcp-trials.ts';
import { udpTrial } from './udp-trial.ts';

export const tapTrials: readonly Trial[] = [...tcpTrials, pingTrial, ...moreTcpTrials, udpTrial];
