/** All that joins two Linux hosts, ours first, in the order of the report. */
import { etherloom } from './etherloom.ts';
import { kernelBridge } from './kernel-bridge.ts';
import { n2n } from './n2n.ts';
import { openvpn } from './openvpn.ts';
import { ovs } from './ovs.ts';
import type { Rival } from './rival.ts';
import { tinc } from './tinc.ts';
import { vde } from './vde.ts';

export const rivals: readonly Rival[] = [etherloom, vde, kernelBridge, ovs, tinc, openvpn, n2n];

/** Those that the rows of what to reach speak of. */
export const nearest: readonly Rival[] = [etherloom, vde, kernelBridge];
