/** The bridge core alone, each load in a process of its own. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { run } from '../../test/support/program.ts';
import { defineTrial, type Figure } from '../report/trial.ts';

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

async function measure(ports: number, stations: number, seconds: number, rounds: number): Promise<Answer> {
  const numbers = { ports, stations, seconds, rounds };
  const args = Object.entries(numbers).flatMap(([name, n]) => [`--${name}`, String(n)]);
  const done = await run(process.execPath, ['--import', 'tsx', SCRIPT, ...args]);
  if (done.code !== 0) throw new Error(`bridge-core.ts: ${done.stderr}`);
  return JSON.parse(done.stdout) as Answer;
}

export const bridgeCoreTrial = defineTrial({
  name: 'bridge-core',
  title: 'Bridge core alone',
  shows:
    'Decisions a second of Bridge.decide, in process, 64-byte frames in batches of one port each: addresses checked, source learnt, destination looked up.',
  full: { seconds: 1, rounds: 7 },
  quick: { seconds: 0.5, rounds: 3 },
  run: async ({ seconds, rounds }, ctx) => {
    const figures: Figure[] = [];
    const failures: string[] = [];
    for (const { id, label, ports, stations } of LOADS) {
      const { mpps, wrong, decisions } = await measure(ports, stations, seconds, rounds);
      figures.push({ id, label, unit: 'Mpps', samples: mpps });
      if (wrong > 0) failures.push(`${label}: ${wrong} of ${decisions} decisions named a wrong port`);
      ctx.say(`${label}: ${mpps[0]!.toFixed(1)} Mpps`);
    }
    return { figures, failures };
  },
});
