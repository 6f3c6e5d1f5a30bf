/**
 * Frames a second through generator -> wslink -> switch -> wslink -> counter, three processes over real WebSockets, as
 * users run them, and what each process pays for a frame. Sizes count the FCS, as RFC 2544 does: 64 is a frame of 60.
 * Fails unless every frame sent was received or is in a drop counter.
 * The last line is the figure in Mpps; with --cpu it is the switch's CPU nanoseconds a frame.
 *
 *   node --import tsx bench/frames.ts [--size 64] [--seconds 3] [--rounds 5] [--cpu]
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
import type { TrafficReport } from './traffic-node.ts';

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

class TrafficNode {
  readonly child: ChildProcess;

  constructor(name: string, dst: string) {
    const file = new URL('traffic-node.ts', import.meta.url).pathname;
    const size = String(Number(options.size) - FCS);
    const args = ['--name', name, '--control', control, '--size', size, '--dst', dst];
    this.child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  async ask(what: 'start' | 'stop' | 'report'): Promise<TrafficReport> {
    this.child.send({ do: what });
    const [report] = await once(this.child, 'message');
    return report as TrafficReport;
  }

  close(): void {
    if (this.child.connected) this.child.disconnect();
  }
}

type Drops = Record<string, number>;

function addDrops(to: Drops, where: string, drops: Readonly<Drops>): void {
  for (const [reason, n] of Object.entries(drops)) {
    const name = `${where} ${reason}`;
    to[name] = (to[name] ?? 0) + n;
  }
}

/** Where every frame went, once all is at rest. */
interface Account {
  sent: number;
  received: number;
  held: number;
  drops: Drops;
}

const lost = ({ sent, received, drops }: Account): number =>
  sent - received - Object.values(drops).reduce((sum, n) => sum + n, 0);

async function account(): Promise<Account> {
  const drops: Drops = {};
  for (const link of ['source', 'sink']) {
    const { body } = await rest('GET', `/v1/links/${link}/stats`);
    if (!body.balanced) throw new Error(`the link's account does not add up: ${JSON.stringify(body)}`);
    addDrops(drops, 'switch', body.forward.drops);
    addDrops(drops, 'switch', body.reverse.drops);
  }
  const reports = [await source.ask('report'), await sink.ask('report')];
  for (const report of reports) addDrops(drops, 'device', report.drops);
  const sum = (what: 'sent' | 'received' | 'held') => reports.reduce((n, report) => n + report[what], 0);
  return { sent: sum('sent'), received: sum('received'), held: sum('held'), drops };
}

/** One round: what the processes did in it, and the CPU time they took. */
interface Round {
  mpps: number;
  perMessage: number;
  source: number;
  switch: number;
  sink: number;
}

async function snapshot() {
  return {
    source: await source.ask('report'),
    sink: await sink.ask('report'),
    at: performance.now(),
    cpu: [source.child, bridge.child, sink.child].map((child) => cpuSeconds(child.pid!)),
  };
}

async function measure(): Promise<Round> {
  const before = await snapshot();
  await delay(Number(options.seconds) * 1000);
  const after = await snapshot();
  const sent = after.source.sent - before.source.sent;
  const received = after.sink.received - before.sink.received;
  const nanoseconds = (i: number, frames: number) => ((after.cpu[i]! - before.cpu[i]!) * 1e9) / frames;
  return {
    mpps: received / (after.at - before.at) / 1e3,
    perMessage: received / (after.sink.messages - before.sink.messages),
    source: nanoseconds(0, sent),
    switch: nanoseconds(1, received),
    sink: nanoseconds(2, received),
  };
}

function print(rounds: readonly Round[], end: Account): void {
  const each = (what: keyof Round, digits: number) =>
    spread(
      rounds.map((round) => round[what]),
      digits,
    );
  process.stdout.write(
    `frames of ${options.size} bytes: ${each('mpps', 2)} Mpps, ${each('perMessage', 0)} frames a message\n` +
      `CPU-ns a frame: switch ${each('switch', 0)}, source ${each('source', 0)}, sink ${each('sink', 0)}\n` +
      `sent ${end.sent}, received ${end.received}, dropped ${JSON.stringify(end.drops)}\n`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'etherloom-bench-'));
writeFileSync(join(folder, 'lab.yaml'), lab);
const controlPort = String(await freePort());
const control = `ws://127.0.0.1:${controlPort}`;
const start = (...args: string[]) => new Program(process.execPath, [command, ...args]);
const programs = [start('control', '--port', controlPort, '--lab', join(folder, 'lab.yaml'))];
const bridge = start('switch', '--port', String(await freePort()), '--control', control);
programs.push(bridge);
const source = new TrafficNode('source', macs.sink);
const sink = new TrafficNode('sink', macs.source);
const rest = restOf(control.replace('ws', 'http'));

try {
  await until('the lab converges', async () => (await rest('GET', '/readyz')).status === 200, 20);
  // Some frames each way, so that the switch knows where both are.
  for (const node of [sink, source]) {
    await node.ask('start');
    await node.ask('stop');
  }
  const rounds: Round[] = [];
  await source.ask('start');
  await delay(1500);
  for (let i = 0; i < Number(options.rounds); i++) rounds.push(await measure());
  await source.ask('stop');
  let end = await account();
  const settled = async () => {
    end = await account();
    return end.held === 0 && lost(end) === 0;
  };
  await until('all is at rest', settled, 5).catch(() => {});
  print(rounds, end);
  if (lost(end) !== 0 || end.held !== 0)
    throw new Error(`${lost(end)} frames are unaccounted for, ${end.held} still held`);
  const of = (what: 'mpps' | 'switch') => median(rounds.map((round) => round[what]));
  process.stdout.write(`${options.cpu ? of('switch').toFixed(0) : of('mpps').toFixed(3)}\n`);
} finally {
  source.close();
  sink.close();
  for (const program of programs.reverse()) await program.stop('SIGTERM').catch(() => {});
  rmSync(folder, { recursive: true, force: true });
}
