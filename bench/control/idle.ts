/**
 * What nodes cost that do nothing but be there: memory and CPU of the switch, of control and of the processes that host
 * them, heartbeats included. Each role in a process of its own, as in a lab of several machines.
 */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { command, freePort, Program } from '../../test/support/program.ts';
import { type Rest, restOf } from '../../test/support/rest.ts';
import { until } from '../../test/support/until.ts';
import { ManyClients } from '../ladder/many-clients.ts';
import { cpuSeconds } from '../process-time.ts';
import { defineTrial, type Figure, type TrialContext, type TrialResult } from '../report/trial.ts';
import { bigLab } from './big-lab.ts';
import { converged, faults } from './converged.ts';
import { residentKib } from './memory.ts';

/** Seconds that all nodes together may take to come up: the whole trial stays below three minutes. */
const BRING_UP = 90;

interface Parameters {
  readonly nodes: number;
  readonly perProcess: number;
  /** Before memory is read: V8 gives back what it does not use, such as a warm-up's, only when it has been idle. */
  readonly settle: number;
  readonly seconds: number;
}

interface Cast {
  readonly control: Program;
  readonly switch: Program;
  readonly hosts: Program[];
}

/** Of one role: of all of its processes together. */
interface Reading {
  readonly kib: number;
  readonly cpu: number;
}

const role = (...args: string[]) => new Program(process.execPath, [command, ...args, '--log-level', 'warn']);

function read(programs: readonly Program[]): Reading {
  const pids = programs.flatMap((program) => program.processes());
  const sum = (of: (pid: number) => number) => pids.reduce((total, pid) => total + of(pid), 0);
  return { kib: sum(residentKib), cpu: sum(cpuSeconds) };
}

const readAll = (cast: Cast) => ({
  control: read([cast.control]),
  switch: read([cast.switch]),
  hosts: read(cast.hosts),
});

/** Control and switch with a LAN and a link, and one node: what is there once is loaded, and no part of a node's cost. */
async function begin(cast: Program[]): Promise<{ rest: Rest; url: string; cast: Cast }> {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const control = role('control', '--port', port);
  cast.push(control);
  const rest = restOf(url);
  await until('control answers', async () => (await rest('GET', '/healthz')).status === 200);
  const switching = role('switch', '--control', url, '--port', String(await freePort()));
  cast.push(switching);
  return { rest, url, cast: { control, switch: switching, hosts: [] } };
}

async function put(rest: Rest, nodes: number): Promise<void> {
  const { status, body } = await rest('PUT', '/v1/lab', bigLab(nodes), {
    'content-type': 'application/yaml',
  });
  if (status !== 200) throw new Error(`PUT /v1/lab: ${status} ${JSON.stringify(body)}`);
}

async function connected(rest: Rest, node: string): Promise<boolean> {
  return (await rest('GET', `/v1/nodes/${node}`)).body.connected;
}

const figureOf =
  (nodes: number) =>
  (id: string, label: string, unit: string, value: number): Figure => ({
    id: `idle-${nodes}-${id}`,
    label,
    unit,
    better: 'less',
    samples: [value],
  });

/** What a bare `ws` server with a heartbeat takes for as many clients, all idle. */
async function measureBare({ nodes, settle, seconds }: Parameters): Promise<Figure[]> {
  const server = await ManyClients.open('fan-out', [1]);
  try {
    await sleep(settle * 1000);
    const before = residentKib(server.relay.pid);
    await server.dial([nodes - 1]);
    await sleep(settle * 1000);
    const [from, cpu] = [performance.now(), server.relay.cpuSeconds];
    await sleep(seconds * 1000);
    const share = (1e5 * (server.relay.cpuSeconds - cpu)) / (performance.now() - from);
    const kib = (residentKib(server.relay.pid) - before) / (nodes - 1);
    const figure = figureOf(nodes);
    return [
      figure('ws-kib-per-client', 'a bare `ws` server: resident memory a client', 'KiB', kib),
      figure('ws-core-percent', `a bare \`ws\` server: CPU with ${nodes} clients, all idle`, '%', share),
    ];
  } finally {
    await server.close();
  }
}

async function measure(parameters: Parameters, ctx: TrialContext, started: Program[]): Promise<TrialResult> {
  const { nodes, perProcess, settle, seconds } = parameters;
  const { rest, url, cast } = await begin(started);
  const host = (names: readonly string[]) => {
    const program = role('node', '--control', url, ...names.flatMap((name) => ['--name', name]));
    started.push(program);
    cast.hosts.push(program);
  };
  await put(rest, 1);
  host(['h1']);
  await converged(rest, 30);
  await sleep(settle * 1000);
  const before = readAll(cast);
  ctx.say(`bringing ${nodes} nodes up`);
  await put(rest, nodes);
  const deadline = performance.now() + BRING_UP * 1000;
  const left = () => Math.max(1, (deadline - performance.now()) / 1000);
  const names = Array.from({ length: nodes - 1 }, (_, i) => `h${i + 2}`);
  while (names.length > 0) {
    // One after the other, as `up` does: all at once would only wait for each other.
    const group = names.splice(0, perProcess);
    host(group);
    await until(`${group[0]} and its process are there`, () => connected(rest, group.at(-1)!), left());
  }
  await converged(rest, left());
  const wrong = await faults(rest, nodes);
  await sleep(settle * 1000);
  const from = performance.now();
  const first = readAll(cast);
  await sleep(seconds * 1000);
  const last = readAll(cast);
  const wall = (performance.now() - from) / 1000;
  const share = (role: keyof typeof last) => (100 * (last[role].cpu - first[role].cpu)) / wall;
  const growth = (role: 'switch' | 'control') => (last[role].kib - before[role].kib) / (nodes - 1);
  const figure = figureOf(nodes);
  return {
    figures: [
      figure('kib-per-node', 'switch: resident memory a node', 'KiB', growth('switch')),
      figure('core-percent', `switch: CPU with ${nodes} nodes, all idle`, '%', share('switch')),
      figure('control-kib-per-node', 'control: resident memory a node', 'KiB', growth('control')),
      figure('control-core-percent', 'control: CPU', '%', share('control')),
      figure(
        'host-kib-per-node',
        'the processes that host the nodes: memory a node',
        'KiB',
        last.hosts.kib / nodes,
      ),
      figure(
        'host-core-percent',
        'the processes that host the nodes: CPU, all together',
        '%',
        share('hosts'),
      ),
    ],
    notes: [
      'A bare `ws` server stands beside the switch: it keeps as many connections of plain `ws` clients, pings each every 5 s and remembers who answered, and could give a message to all others. No device, table, queue, counter or agent.',
      `Control, switch and node processes (${perProcess} nodes each) are apart. Memory is the growth of Rss in /proc/PID/smaps_rollup from one node to ${nodes}, read ${settle} s after the last one is up, with what V8 keeps in reserve; of node processes it is the whole, Node.js included. CPU is utime + stime over ${seconds} s without a frame sent by anybody: heartbeats of the data and agent connections, both ways.`,
    ],
    failures: wrong,
  };
}

export const idle1000 = defineTrial<Parameters>({
  name: 'idle-1000',
  title: '1,000 idle nodes on one switch',
  shows: 'What a node costs that is plugged in and does nothing.',
  full: { nodes: 1000, perProcess: 50, settle: 15, seconds: 30 },
  quick: { nodes: 60, perProcess: 30, settle: 1, seconds: 3 },
  run: async (parameters, ctx) => {
    const started: Program[] = [];
    let ours: TrialResult;
    try {
      ours = await measure(parameters, ctx, started);
    } finally {
      await Promise.all(started.toReversed().map((program) => program.stop('SIGTERM', 20)));
    }
    ctx.say('a bare ws server');
    return { ...ours, figures: [...ours.figures, ...(await measureBare(parameters))] };
  },
});
