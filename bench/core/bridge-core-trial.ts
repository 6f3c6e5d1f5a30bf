/** The bridge core alone, each load and each bridge in a process of its own. */
import { LadderChild } from '../ladder/ladder-child.ts';
import { defineTrial, type Figure } from '../report/trial.ts';
import { median, pairedRatios } from '../statistics.ts';
import type { CoreReply } from './words.ts';

const SCRIPT = '../core/bridge-core.ts';
const LOADS = [
  { id: '2-ports', label: 'two ports, a station at each', ports: 2, stations: 2 },
  {
    id: '1000-ports',
    label: '1,000 ports, 65,536 random MACs, every frame to a random one',
    ports: 1000,
    stations: 65_536,
  },
];
type Load = (typeof LOADS)[number];

const BRIDGES = [
  { bridge: 'ours', tail: '', label: '' },
  { bridge: 'text', tail: '-text-map', label: ', a plain bridge with a `Map` by address as text' },
  { bridge: 'number', tail: '-number-map', label: ', a plain bridge with a `Map` by address as a number' },
];

interface Parameters {
  /** CPU-seconds of a round, and before the first one. */
  readonly seconds: number;
  readonly warmUp: number;
  readonly rounds: number;
}

interface Contender {
  readonly child: LadderChild;
  readonly said: CoreReply;
  readonly mpps: number[];
}

async function begin(bridge: string, { ports, stations }: Load, p: Parameters): Promise<Contender> {
  const words = { bridge, ports, stations, seconds: p.seconds, 'warm-up': p.warmUp };
  const child = new LadderChild(
    SCRIPT,
    Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)]),
  );
  return { child, said: (await child.next()) as CoreReply, mpps: [] };
}

/** One after the other, round by round: they meet the same minutes of the machine. */
async function measure(load: Load, p: Parameters): Promise<Contender[]> {
  const all: Contender[] = [];
  try {
    for (const { bridge } of BRIDGES) all.push(await begin(bridge, load, p));
    for (let i = 0; i < p.rounds; i++)
      for (const { child, mpps } of all) mpps.push(((await child.order({ do: 'round' })) as CoreReply).mpps!);
    return all;
  } finally {
    await Promise.all(all.map(({ child }) => child.close()));
  }
}

function figuresOf({ id, label }: Load, all: readonly Contender[]): Figure[] {
  const prefix = `bridge-core-${id}`;
  const rates = BRIDGES.map(({ tail, label: whose }, i) => ({
    id: `${prefix}${tail}-mpps`,
    label: `${label}${whose}`,
    unit: 'Mpps',
    samples: all[i]!.mpps,
  }));
  const ratios = BRIDGES.slice(1).map(({ tail, label: whose }, i) => ({
    id: `${prefix}-vs${tail}`,
    label: `${label}: ours to${whose.slice(1)}`,
    unit: 'times',
    samples: pairedRatios(all[0]!.mpps, all[i + 1]!.mpps),
  }));
  return [...rates, ...ratios];
}

export const bridgeCoreTrial = defineTrial<Parameters>({
  name: 'bridge-core',
  title: 'Bridge core alone',
  shows:
    'Decisions a CPU-second of Bridge.decide, in a process of its own, 64-byte frames in batches of one port and one time each, as the switch asks: addresses checked, source learnt, destination looked up. Beside it the learning bridge that anybody would write first, on the same frames, in turn.',
  full: { seconds: 0.6, warmUp: 1.5, rounds: 5 },
  quick: { seconds: 0.2, warmUp: 0.6, rounds: 2 },
  run: async (p, ctx) => {
    const figures: Figure[] = [];
    const failures: string[] = [];
    for (const load of LOADS) {
      const all = await measure(load, p);
      figures.push(...figuresOf(load, all));
      for (const [i, { said }] of all.entries())
        if (said.wrong !== 0)
          failures.push(
            `${load.label}${BRIDGES[i]!.label}: ${said.wrong} of ${said.decisions} decisions named a wrong port`,
          );
      ctx.say(`${load.label}: ${all.map(({ mpps }) => median(mpps).toFixed(1)).join(', ')} Mpps`);
    }
    return {
      figures,
      failures,
      notes: [
        'By CPU time of the process, not by the clock. With 1,000 ports nearly every frame needs two entries of a table of 65,536, which share the last cache with whatever else runs: there a busy machine still shows.',
        'The plain bridges learn, age, look up and drop what would go back; they know no VLANs, port states, flags or link-local groups, which ours asks about too.',
      ],
    };
  },
});
