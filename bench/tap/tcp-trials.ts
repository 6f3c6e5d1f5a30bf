/** The ways in which iperf3 is run over TAPs. */
import type { Trial } from '../report/trial.ts';
import { etherloom } from '../rivals/etherloom.ts';
import { nearest, rivals } from '../rivals/rivals.ts';
import { vde } from '../rivals/vde.ts';
import { tcpTrial } from './tcp-trial.ts';

/** The two that bars ask for. */
export const tcpTrials: readonly Trial[] = [
  tcpTrial({
    name: 'iperf3-offloads',
    title: 'iperf3 TCP over two TAPs, offloads on',
    shows:
      'What a user gets: each cable with the offloads it has by default. L5 of the ladder, beside R1 to R4.',
    plain: false,
    full: { rivals, rounds: 5, seconds: 2, omit: 1 },
    quick: { rivals: nearest, rounds: 2, seconds: 1, omit: 2 },
  }),
  tcpTrial({
    name: 'iperf3-plain',
    title: 'iperf3 TCP over two TAPs, plain frames',
    shows: 'The same with frames of 1514 bytes: what forwarding a frame costs, segmentation left to TCP.',
    plain: true,
    full: { rivals, rounds: 5, seconds: 2, omit: 1 },
    quick: { rivals: [etherloom, vde], rounds: 2, seconds: 1, omit: 2 },
  }),
];

/** What no bar asks for. */
export const moreTcpTrials: readonly Trial[] = [
  tcpTrial({
    name: 'iperf3-reverse',
    title: 'iperf3 TCP over two TAPs, the other way',
    shows: 'Whether both directions are alike: the server sends (-R).',
    plain: false,
    more: ['-R'],
    full: { rivals: nearest, rounds: 3, seconds: 2, omit: 1 },
    quick: null,
  }),
  tcpTrial({
    name: 'iperf3-parallel',
    title: 'iperf3 TCP over two TAPs, four streams',
    shows: 'Four connections at once (-P 4) share one cable.',
    plain: false,
    more: ['-P', '4'],
    full: { rivals: nearest, rounds: 3, seconds: 2, omit: 1 },
    quick: null,
  }),
];
