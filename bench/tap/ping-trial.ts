/** Round trips over otherwise idle cables: how long one frame takes when nothing else is under way. */
import { defineTrial, type Grid, type TrialResult } from '../report/trial.ts';
import type { Cable } from '../rivals/cable.ts';
import type { Rival } from '../rivals/rival.ts';
import { nearest, rivals } from '../rivals/rivals.ts';
import { median, spread } from '../statistics.ts';
import { type LaidCables, withCables } from './cables.ts';
import { bars, compare, processTimes } from './compare.ts';
import { missingTools } from './missing-tools.ts';
import { type Observed, observe, ownSeconds } from './observe.ts';
import { type Pings, ping, quantile } from './ping.ts';
import { inRounds } from './rounds.ts';

/** Seconds between two pings. */
const INTERVAL = 0.01;
/** Pings before those that count: for every cable the same. */
const WARM_UP = 50;

interface Parameters {
  readonly rivals: readonly Rival[];
  readonly rounds: number;
  readonly count: number;
}
type Round = Pings & { observed: Observed };
type Rounds = ReadonlyMap<Cable, readonly Round[]>;

export const pingTrial = defineTrial<Parameters>({
  name: 'ping-idle',
  title: 'Ping over two TAPs, idle',
  shows: 'What a frame waits for on its way and back when nothing is queued: wake-ups of processes.',
  full: { rivals, rounds: 5, count: 200 },
  quick: { rivals: nearest, rounds: 1, count: 200 },
  missing: () => missingTools(),
  run: (parameters, ctx) =>
    withCables(parameters.rivals, ctx, async (laid) => {
      const rounds = await inRounds(laid.cables, parameters.rounds, async (cable, round) => {
        await ping(cable, WARM_UP, INTERVAL);
        const { value, observed } = await observe(cable, () => ping(cable, parameters.count, INTERVAL));
        if (value.times.length === 0) throw new Error(`no ping was answered over ${cable.rival.title}`);
        ctx.say(`round ${round + 1}: ${cable.rival.title}: ${median(value.times).toFixed(3)} ms`);
        return { ...value, observed };
      });
      return result(laid, rounds);
    }),
});

function each<T>(rounds: Rounds, of: (round: Round) => T): ReadonlyMap<Cable, readonly T[]> {
  return new Map([...rounds].map(([cable, all]) => [cable, all.map(of)]));
}

async function result({ cables, skips }: LaidCables, rounds: Rounds): Promise<TrialResult> {
  const medians = each(rounds, ({ times }) => median(times));
  const tails = each(rounds, ({ times }) => quantile(times, 0.99));
  const quantity = {
    id: 'ping-idle',
    label: 'ping, median',
    unit: 'ms',
    suffix: 'ms',
    better: 'less',
  } as const;
  return {
    figures: [
      ...compare(quantity, medians),
      ...compare({ ...quantity, id: 'ping-idle-p99', label: 'ping, p99' }, tails),
    ],
    accounts: await cables[0]!.accounts(),
    cpu: processTimes(each(rounds, ({ observed }) => observed)),
    plots: [bars(quantity, 'Ping over two TAPs, idle: median', medians)],
    grids: [grid(rounds)],
    skips,
    notes: [
      `A value is the median of a round of pings, ${1000 * INTERVAL} ms and what Linux's timers add apart; ${WARM_UP} before it do not count, for any cable.`,
    ],
  };
}

function grid(rounds: Rounds): Grid {
  const [ours] = rounds.values();
  return {
    title: 'Ping by cable',
    head: [
      'cable',
      'median, ms',
      'ours / it',
      'p99, ms',
      'lost',
      'CPU-us a ping, its processes',
      'steal, most',
    ],
    rows: [...rounds].map(([cable, all]) => row(cable, all, ours!)),
  };
}

function row({ rival }: Cable, rounds: readonly Round[], ours: readonly Round[]): string[] {
  const medians = rounds.map(({ times }) => median(times));
  const sent = rounds.reduce((sum, round) => sum + round.sent, 0);
  const answered = rounds.reduce((sum, { times }) => sum + times.length, 0);
  const cpu = rounds.reduce((sum, { observed }) => sum + ownSeconds(observed), 0);
  return [
    rival.title,
    spread(medians, 3),
    rounds === ours ? '' : spread(medians.map((value, i) => median(ours[i]!.times) / value)),
    spread(
      rounds.map(({ times }) => quantile(times, 0.99)),
      3,
    ),
    `${sent - answered} of ${sent}`,
    ((1e6 * cpu) / sent).toFixed(0),
    `${(100 * Math.max(...rounds.map(({ observed }) => observed.steal))).toFixed(1)} %`,
  ];
}
