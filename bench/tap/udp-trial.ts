/** Small UDP frames from one Linux host to another: how many a second cross without loss, and in a flood. */
import { defineTrial, type Grid, type TrialResult } from '../report/trial.ts';
import type { Cable } from '../rivals/cable.ts';
import { ovs } from '../rivals/ovs.ts';
import type { Rival } from '../rivals/rival.ts';
import { nearest } from '../rivals/rivals.ts';
import { median, spread } from '../statistics.ts';
import { type LaidCables, withCables } from './cables.ts';
import { bars, compare, processTimes } from './compare.ts';
import { highestRate } from './highest-rate.ts';
import { missingTools } from './missing-tools.ts';
import { ownSeconds } from './observe.ts';
import { inRounds } from './rounds.ts';
import { prepareUdp, type UdpProbe, udpProbe } from './udp.ts';

/** Frames a second that a search begins with. */
const FROM = 10_000;
const UP_TO = 1_280_000;
/** The source may fall this far behind before a rate counts as one that it cannot make. */
const MADE = 0.9;

interface Parameters {
  readonly rivals: readonly Rival[];
  readonly rounds: number;
  readonly floodSeconds: number;
  readonly probeSeconds: number;
  readonly steps: number;
}

interface Round {
  readonly flood: UdpProbe;
  /** Frames a second, the highest offered load of which nothing was lost. */
  readonly lossless: number;
}
type Rounds = ReadonlyMap<Cable, readonly Round[]>;

export const udpTrial = defineTrial<Parameters>({
  name: 'udp-small',
  title: 'UDP in frames of 64 bytes over two TAPs',
  shows: 'What a frame costs that no offload can gather.',
  full: { rivals: [...nearest, ovs], rounds: 2, floodSeconds: 2, probeSeconds: 0.5, steps: 2 },
  quick: null,
  missing: () => missingTools(),
  run: (parameters, ctx) =>
    withCables(parameters.rivals, ctx, async (laid) => {
      for (const cable of laid.cables) await prepareUdp(cable);
      for (const cable of laid.cables) await udpProbe(cable, FROM, 1); // warm
      const rounds = await inRounds(laid.cables, parameters.rounds, async (cable, round) => {
        const flood = await udpProbe(cable, 0, parameters.floodSeconds);
        const lossless = await searchLossless(cable, parameters);
        const thousands = (n: number): string => `${(n / 1000).toFixed(0)} kpps`;
        ctx.say(
          `round ${round + 1}: ${cable.rival.title}: ${thousands(lossless)} without loss, ${thousands(flood.received)} of ${thousands(flood.offered)}`,
        );
        return { flood, lossless };
      });
      return result(laid, rounds);
    }),
});

/** The rate that was made, not the one that was asked for. */
async function searchLossless(cable: Cable, { probeSeconds, steps }: Parameters): Promise<number> {
  let best = 0;
  await highestRate({
    from: FROM,
    upTo: UP_TO,
    steps,
    passes: async (rate) => {
      const { offered, lost } = await udpProbe(cable, rate, probeSeconds);
      if (lost === 0) best = Math.max(best, offered);
      return lost === 0 && offered >= MADE * rate;
    },
  });
  return best;
}

async function result({ cables, skips }: LaidCables, rounds: Rounds): Promise<TrialResult> {
  const each = <T>(of: (round: Round) => T): ReadonlyMap<Cable, readonly T[]> =>
    new Map([...rounds].map(([cable, all]) => [cable, all.map(of)]));
  const quantity = { unit: 'kpps', suffix: 'kpps', better: 'more' } as const;
  const lossless = { ...quantity, id: 'udp-lossless', label: 'UDP 64 B, no loss' };
  const flood = { ...quantity, id: 'udp-flood', label: 'UDP 64 B, received in a flood' };
  const highest = each((round) => round.lossless / 1000);
  return {
    figures: [
      ...compare(lossless, highest),
      ...compare(
        flood,
        each((round) => round.flood.received / 1000),
      ),
    ],
    plots: [bars(lossless, 'Frames of 64 bytes from host to host, without loss', highest)],
    accounts: await cables[0]!.accounts(),
    cpu: processTimes(each((round) => round.flood.observed)),
    grids: [grid(rounds)],
    skips,
    notes: [
      'The source takes one of two cores; a search offers a rate for half a second and tries a rate that lost a frame once more. Loss is counted between the interfaces of a and b. The CPU is that of the floods.',
    ],
  };
}

function grid(rounds: Rounds): Grid {
  return {
    title: 'Small frames by cable',
    head: [
      'cable',
      'no loss, kpps',
      'received in a flood, kpps',
      'offered, kpps',
      'CPU-ns a frame received, its processes',
    ],
    rows: [...rounds].map(([{ rival }, all]) => [
      rival.title,
      spread(
        all.map(({ lossless }) => lossless / 1000),
        0,
      ),
      spread(
        all.map(({ flood }) => flood.received / 1000),
        0,
      ),
      median(all.map(({ flood }) => flood.offered / 1000)).toFixed(0),
      median(
        all.map(({ flood }) => (1e9 * ownSeconds(flood.observed)) / flood.observed.forward.out.packets),
      ).toFixed(0),
    ]),
  };
}
