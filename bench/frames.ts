/**
 * Frames a second through generator -> wslink -> switch -> wslink -> counter, three processes over real WebSockets, as
 * users run them, and what the switch process pays for a frame. Sizes count the FCS, as RFC 2544 does: 64 is a frame of 60.
 * The last line is the figure in Mpps; with --cpu it is the switch's CPU nanoseconds a frame.
 *
 *   node --import tsx bench/frames.ts [--size 64] [--seconds 3] [--rounds 5] [--cpu] [--one-way]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { command, freePort, Program } from '../test/support/program.ts';
import { restOf } from '../test/support/rest.ts';
import { until } from '../test/support/until.ts';
import { cpuSeconds } from './process-time.ts';
import { median, spread } from './statistics.ts';

const { values: options } = parseArgs({
  options: {
    size: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    cpu: { type: 'boolean', default: false },
  },
});
const FCS = 4;
const macs = { source: '02:00:00:00:00:01', sink: '02:00:00:00:00:02' };
const lab = `
name: bench
nodes:
  source: { stack: none, devices: { eth0: { mac: "${macs.source}" } } }
  sink: { stack: none, devices: { eth0: { mac: "${macs.sink}" } } }
lans: { wire: {} }
links:
  - { name: source, endpoints: ["source:eth0", "lan:wire"] }
  - { name: sink, endpoints: ["sink:eth0", "lan:wire"] }
`;

interface Report {
  sent: number;
  frames: number;
  drops: number;
  carrier: boolean;
}

class TrafficNode {
  readonly #child: ChildProcess;

  constructor(name: string, control: string, dst: string) {
    const file = new URL('traffic-node.ts', import.meta.url).pathname;
    const args = [
      '--name',
      name,
      '--control',
      control,
      '--size',
      String(Number(options.size) - FCS),
      '--dst',
      dst,
    ];
    this.#child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  async ask(what: 'start' | 'stop' | 'report'): Promise<Report> {
    this.#child.send({ do: what });
    const [report] = await once(this.#child, 'message');
    return report as Report;
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'etherloom-bench-'));
writeFileSync(join(folder, 'lab.yaml'), lab);
const controlPort = String(await freePort());
const control = `ws://127.0.0.1:${controlPort}`;
const start = (...args: string[]) => new Program(process.execPath, [command, ...args]);
const programs = [start('control', '--port', controlPort, '--lab', join(folder, 'lab.yaml'))];
const bridge = start('switch', '--port', String(await freePort()), '--control', control);
programs.push(bridge);
const source = new TrafficNode('source', control, macs.sink);
const sink = new TrafficNode('sink', control, macs.source);
const rest = restOf(control.replace('ws', 'http'));
const dropsOf = async () => {
  const stats = await Promise.all(
    ['source', 'sink'].map(async (link) => (await rest('GET', `/v1/links/${link}/stats`)).body),
  );
  if (!stats.every((each) => each.balanced))
    throw new Error(`the account does not add up: ${JSON.stringify(stats)}`);
  return stats.flatMap((each) => [
    ...Object.entries<number>(each.forward.drops),
    ...Object.entries<number>(each.reverse.drops),
  ]);
};

try {
  await until('the lab converges', async () => (await rest('GET', '/readyz')).status === 200, 20);
  // One frame each way, so that the switch knows where both are.
  for (const node of [sink, source]) {
    await node.ask('start');
    await node.ask('stop');
  }
  const rates: number[] = [];
  const costs: number[] = [];
  await source.ask('start');
  await delay(1500);
  for (let round = 0; round < Number(options.rounds); round++) {
    const before = await sink.ask('report');
    const cpu = cpuSeconds(bridge.child.pid!);
    const began = performance.now();
    await delay(Number(options.seconds) * 1000);
    const after = await sink.ask('report');
    const seconds = (performance.now() - began) / 1000;
    const frames = after.frames - before.frames;
    rates.push(frames / seconds / 1e6);
    costs.push(((cpuSeconds(bridge.child.pid!) - cpu) * 1e9) / frames);
  }
  await source.ask('stop');
  await delay(500);
  const [sent, received] = [await source.ask('report'), await sink.ask('report')];
  const drops = await dropsOf();
  process.stdout.write(
    `frames of ${options.size} bytes: ${spread(rates)} Mpps, switch ${spread(costs, 0)} CPU-ns a frame\n`,
  );
  process.stdout.write(
    `sent ${sent.sent}, received ${received.frames}, dropped ${JSON.stringify(Object.fromEntries(drops))}, at the devices ${sent.drops} and ${received.drops}\n`,
  );
  process.stdout.write(`${options.cpu ? median(costs).toFixed(0) : median(rates).toFixed(3)}\n`);
} finally {
  source.close();
  sink.close();
  for (const program of programs.reverse()) await program.stop('SIGTERM').catch(() => {});
  rmSync(folder, { recursive: true, force: true });
}
