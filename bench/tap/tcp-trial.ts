/** iperf3 TCP over every cable in turn. A bar is a ratio of this run: ours to a rival's of the same round. */

import { defineTrial, type Grid, type Trial, type TrialResult } from '../report/trial.ts';
import type { Cable } from '../rivals/cable.ts';
import type { Rival } from '../rivals/rival.ts';
import { median, spread } from '../statistics.ts';
import { type LaidCables, withCables } from './cables.ts';
import { bars, compare, processTimes } from './compare.ts';
import { meanFrame } from './interface-counters.ts';
import { iperf3, type Stream } from './iperf3.ts';
import { missingTools } from './missing-tools.ts';
import { dataWay, type Observed, observe, ownSeconds } from './observe.ts';
import { offloadsOff } from './offloads.ts';
import { inRounds } from './rounds.ts';

/** An Ethernet frame of 1500 bytes of payload, without FCS. */
const PLAIN_FRAME = 1514;

interface Parameters {
  readonly rivals: readonly Rival[];
  readonly rounds: number;
  readonly seconds: number;
  /** The first seconds do not count, for anybody. */
  readonly omit: number;
}

export interface TcpTrial {
  readonly name: string;
  readonly title: string;
  readonly shows: string;
  /** Plain frames: all offloads are taken away at both ends and between. */
  readonly plain: boolean;
  /** More words for iperf3's client. */
  readonly more?: readonly string[];
  readonly full: Parameters;
  readonly quick: Parameters | null;
}

type Round = Stream & { observed: Observed };
type Rounds = ReadonlyMap<Cable, readonly Round[]>;

export function tcpTrial(spec: TcpTrial): Trial {
  const { name, title, shows, full, quick } = spec;
  return defineTrial<Parameters>({
    name,
    title,
    shows,
    full,
    quick,
    missing: () => missingTools(),
    run: (parameters, ctx) =>
      withCables(parameters.rivals, ctx, async (laid) => {
        if (spec.plain) for (const cable of laid.cables) await offloadsOff(cable);
        const rounds = await inRounds(laid.cables, parameters.rounds, async (cable, round) => {
          const { value, observed } = await observe(cable, () =>
            iperf3(cable, { omit: parameters.omit, seconds: parameters.seconds, more: spec.more ?? [] }),
          );
          ctx.say(`round ${round + 1}: ${cable.rival.title}: ${value.gbit.toFixed(2)} Gbit/s`);
          return { ...value, observed };
        });
        return result(spec, parameters.omit, laid, rounds);
      }),
  });
}

async function result(
  spec: TcpTrial,
  omit: number,
  { cables, skips }: LaidCables,
  rounds: Rounds,
): Promise<TrialResult> {
  const gbit = new Map([...rounds].map(([cable, all]) => [cable, all.map((round) => round.gbit)]));
  const observed = new Map([...rounds].map(([cable, all]) => [cable, all.map((round) => round.observed)]));
  const quantity = { id: spec.name, label: 'TCP', unit: 'Gbit/s', suffix: 'gbit', better: 'more' } as const;
  return {
    figures: compare(quantity, gbit),
    accounts: await cables[0]!.accounts(),
    cpu: processTimes(observed),
    plots: [bars(quantity, spec.title, gbit)],
    grids: [grid(rounds)],
    skips,
    failures: spec.plain ? tooLong(observed) : [],
    notes: [
      `iperf3 with cubic between two namespaces; its first ${omit} s are not counted, for any cable. The cables are measured in turn, and a ratio is of one round.`,
      'CPU covers the omitted seconds too, and so do the bytes it is divided by. Bytes a frame: as Linux counts them on its interface, where a super-frame is one frame.',
    ],
  };
}

/** Cables that carried longer frames than a plain one, by the mean of either end. */
function tooLong(rounds: ReadonlyMap<Cable, readonly Observed[]>): string[] {
  return [...rounds].flatMap(([{ rival }, all]) => {
    const ways = all.map(dataWay);
    const long = ways.find(({ into, out }) => Math.max(meanFrame(into), meanFrame(out)) > PLAIN_FRAME);
    if (long === undefined) return [];
    const lengths = `${meanFrame(long.into).toFixed(0)} bytes into it, ${meanFrame(long.out).toFixed(0)} out of it`;
    return [`${rival.title}: not plain frames, in the mean ${lengths}`];
  });
}

function grid(rounds: Rounds): Grid {
  const [ours] = rounds.values();
  return {
    title: 'TCP by cable',
    head: [
      'cable',
      'Gbit/s',
      'ours / it',
      'CPU-s a GB, its processes',
      'CPU-s a GB, whole machine',
      'bytes a frame, in / out',
      'retransmits a GB',
      'steal, most',
    ],
    rows: [...rounds].map(([cable, all]) => row(cable, all, ours!)),
  };
}

function row({ rival }: Cable, rounds: readonly Round[], ours: readonly Round[]): string[] {
  const of = (value: (round: Round) => number): number[] => rounds.map(value);
  const perGb = (value: (round: Round) => number): string =>
    median(of((round) => value(round) / (dataWay(round.observed).out.bytes / 1e9))).toFixed(2);
  const frame = (way: 'into' | 'out'): string =>
    median(of(({ observed }) => meanFrame(dataWay(observed)[way]))).toFixed(0);
  return [
    rival.title,
    spread(of((round) => round.gbit)),
    rounds === ours ? '' : spread(rounds.map((round, i) => ours[i]!.gbit / round.gbit)),
    perGb(({ observed }) => ownSeconds(observed)),
    perGb(({ observed }) => observed.busySeconds),
    `${frame('into')} / ${frame('out')}`,
    perGb((round) => round.retransmits),
    `${(100 * Math.max(...of(({ observed }) => observed.steal))).toFixed(1)} %`,
  ];
}
