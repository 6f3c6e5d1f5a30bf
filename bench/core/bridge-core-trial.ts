/** The bridge core alone, each load in a process of its own. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { run } from '../../test/support/program.ts';
import { defineTrial, type Figure } from '../report/trial.ts';
import { median } from '../statistics.ts';

const SCRIPT = fileURLToPath(new URL('bridge-core.ts', import.meta.url));
const LOADS = [
  { id: 'bridge-core-2-ports-mpps', label: 'two ports, a station at each', ports: 2, stations: 2 },
  {
    id: 'bridge-core-1000-ports-mpps',
    label: '1,000 ports, 65,536 random MACs, every frame to a random one',
    ports: 1000,
    stations: 65_536,
  },
];

interface Answer {
  readonly mpps: readonly number[];
  readonly wrong: number;
  readonly decisions: number;
}

interface Parameters {
  /** CPU-seconds of a round, and before the first one. */
  readonly seconds: number;
  readonly warmUp: number;
  readonly rounds: number;
}

async function measure(ports: number, stations: number, p: Parameters): Promise<Answer> {
  const numbers = { ports, stations, seconds: p.seconds, rounds: p.rounds, 'warm-up': p.warmUp };
  const args = Object.entries(numbers).flatMap(([name, n]) => [`--${name}`, String(n)]);
  const done = await run(process.execPath, ['--import', 'tsx', SCRIPT, ...args]);
  if (done.code !== 0) throw new Error(`bridge-core.ts: ${done.stderr}`);
  return JSON.parse(done.stdout) as Answer;
}

export const bridgeCoreTrial = defineTrial<Parameters>({
  name: 'bridge-core',
  title: 'Bridge core alone',
  shows:
    'Decisions a CPU-second of Bridge.decide, in a process of its own, 64-byte frames in batches of one port and one time each, as the switch asks: addresses checked, source learnt, destination looked up.',
  full: { seconds: 1, warmUp: 2, rounds: 7 },
  quick: { seconds: 0.3, warmUp: 0.8, rounds: 3 },
  run: async (p, ctx) => {
    const figures: Figure[] = [];
    const failures: string[] = [];
    for (const { id, label, ports, stations } of LOADS) {
      const { mpps, wrong, decisions } = await measure(ports, stations, p);
      figures.push({ id, label, unit: 'Mpps', samples: mpps });
      if (wrong > 0) failures.push(`${label}: ${wrong} of ${decisions} decisions named a wrong port`);
      ctx.say(`${label}: ${median(mpps).toFixed(1)} Mpps`);
    }
    return {
      figures,
      failures,
      notes: [
        'By CPU time of the process, not by the clock. With 1,000 ports nearly every frame needs two entries of a table of 65,536, which share the last cache with whatever else runs: there a busy machine still shows.',
      ],
    };
  },
});
