/**
 * One figure for work on the code: frames a second through generator -> wslink -> switch -> wslink -> counter, three
 * processes over real WebSockets, and what each process pays for a frame. Sizes count the FCS: 64 is a frame of 60.
 * Fails unless every frame sent was received or is in a drop counter.
 * The last line is the figure in Mpps; with --cpu it is the switch's CPU nanoseconds a frame.
 *
 *   node --import tsx bench/frames.ts [--size 64] [--seconds 3] [--rounds 5] [--cpu]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Account, unaccounted } from './report/trial.ts';
import { median, spread } from './statistics.ts';
import { cpuNs, measureRound, mpps, type Round } from './traffic/rounds.ts';
import { TrafficLab } from './traffic/traffic-lab.ts';

const { values: options } = parseArgs({
  options: {
    size: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    cpu: { type: 'boolean', default: false },
  },
});

function print(rounds: readonly Round[], { expected, received, held, drops }: Account): void {
  const each = (of: (round: Round) => number, digits: number) => spread(rounds.map(of), digits);
  const perMessage = each((round) => round.received / Math.max(1, round.messages), 0);
  const cpu = (['switch', 'source', 'sink'] as const).map((who) => `${who} ${each((r) => cpuNs(r, who), 0)}`);
  process.stdout.write(
    `frames of ${options.size} bytes: ${each(mpps, 2)} Mpps, ${perMessage} frames a message\n` +
      `CPU-ns a frame: ${cpu.join(', ')}\n` +
      `sent ${expected}, received ${received}, held ${held}, dropped ${JSON.stringify(drops)}\n`,
  );
}

async function measure(lab: TrafficLab): Promise<void> {
  const before = await lab.totals();
  const sizes = [Number(options.size)];
  await lab.node('source').start({ dsts: [lab.node('sink').mac], sizes, rate: null });
  await delay(1500);
  const rounds: Round[] = [];
  for (let i = 0; i < Number(options.rounds); i++)
    rounds.push(await measureRound(lab, 'source', 'sink', Number(options.seconds)));
  await lab.node('source').stop();
  const { account } = await lab.account('frames', before);
  print(rounds, account);
  if (unaccounted(account) !== 0 || account.held !== 0)
    throw new Error(`${unaccounted(account)} frames are unaccounted for, ${account.held} still held`);
  const figure = options.cpu
    ? median(rounds.map((round) => cpuNs(round, 'switch'))).toFixed(0)
    : median(rounds.map(mpps)).toFixed(3);
  process.stdout.write(`${figure}\n`);
}

const folder = mkdtempSync(join(tmpdir(), 'etherloom-bench-'));
const lab = await TrafficLab.start({ folder, processes: [['source'], ['sink']] });
try {
  await measure(lab);
} finally {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
}
