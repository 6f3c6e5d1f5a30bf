/** How long a user waits for a large lab: from `etherloom up FILE`, and from PUT /v1/lab, until it has converged. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { command, freePort, Program } from '../../test/support/program.ts';
import { type Rest, restOf } from '../../test/support/rest.ts';
import { until } from '../../test/support/until.ts';
import { cpuSeconds } from '../process-time.ts';
import { defineTrial, type ProcessCpu, type TrialContext, type TrialResult } from '../report/trial.ts';
import { bigLab } from './big-lab.ts';
import { converged, faults } from './converged.ts';
import { kernelLabMissing, kernelLabSeconds } from './kernel-lab.ts';

interface Applied {
  readonly seconds: number;
  readonly faults: readonly string[];
  readonly cpu: readonly ProcessCpu[];
}

interface Running {
  readonly program: Program;
  readonly rest: Rest;
}

async function start(file: string, args: readonly string[]): Promise<Running> {
  const ports = ['--control-port', String(await freePort()), '--switch-port', String(await freePort())];
  const program = new Program(process.execPath, [command, 'up', file, ...ports, ...args]);
  return { program, rest: restOf(`http://127.0.0.1:${ports[1]}`) };
}

/** CPU time since the processes began. */
function cpuOf({ program }: Running, wallSeconds: number): ProcessCpu[] {
  const children = program.processes().filter((pid) => pid !== program.child.pid);
  const seconds = children.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  return [
    { process: 'control and switch', seconds: cpuSeconds(program.child.pid!), wallSeconds },
    { process: `${children.length} child processes`, seconds, wallSeconds },
  ];
}

async function finish(running: Running, from: number, nodes: number, limit: number): Promise<Applied> {
  await converged(running.rest, limit);
  const seconds = (performance.now() - from) / 1000;
  const cpu = cpuOf(running, seconds);
  return { seconds, cpu, faults: await faults(running.rest, nodes) };
}

async function byUp(nodes: number, folder: string, args: readonly string[], limit: number): Promise<Applied> {
  const file = join(folder, `lab-${nodes}.yaml`);
  writeFileSync(file, bigLab(nodes));
  const from = performance.now();
  const running = await start(file, args);
  try {
    return await finish(running, from, nodes, limit);
  } finally {
    await running.program.stop('SIGINT', 30);
  }
}

/** Into an `up` that runs with a lab of no nodes. */
async function byPut(
  nodes: number,
  folder: string,
  args: readonly string[],
  limit: number,
): Promise<Applied> {
  const file = join(folder, 'empty.yaml');
  writeFileSync(file, 'name: empty\nlans: { office: {} }\n');
  const running = await start(file, args);
  try {
    await until('up is ready', async () => (await running.rest('GET', '/readyz')).status === 200);
    const from = performance.now();
    const type = { 'content-type': 'application/yaml' };
    const { status, body } = await running.rest('PUT', '/v1/lab', bigLab(nodes), type);
    if (status !== 200) throw new Error(`PUT /v1/lab: ${status} ${JSON.stringify(body)}`);
    return await finish(running, from, nodes, limit);
  } finally {
    await running.program.stop('SIGINT', 30);
  }
}

interface Parameters {
  readonly nodes: number;
  readonly rounds: number;
  readonly put: boolean;
  readonly limit: number;
}

/** The bars are those of the full size, so a smaller lab gives figures of other names. */
function trial(full: Parameters, quick: Parameters | null, args: readonly string[]) {
  const flags = args.length > 0 ? ` with ${args.join(' ')}` : '';
  const run = async ({ nodes, rounds, put, limit }: Parameters, ctx: TrialContext): Promise<TrialResult> => {
    const ups: Applied[] = [];
    const puts: Applied[] = [];
    const kernel: number[] = [];
    const skip = kernelLabMissing();
    for (let round = 0; round < rounds; round++) {
      ctx.say(`${nodes} nodes, round ${round + 1} of ${rounds}`);
      ups.push(await byUp(nodes, ctx.folder, args, limit));
      if (put) puts.push(await byPut(nodes, ctx.folder, args, limit));
      if (skip === null) kernel.push(await kernelLabSeconds(nodes, ctx.folder));
    }
    const seconds = (all: readonly Applied[]) => all.map((applied) => applied.seconds);
    const figure = (id: string, how: string, samples: readonly number[]) => ({
      id,
      label: `${nodes} nodes and links, ${how}`,
      unit: 's',
      better: 'less' as const,
      samples,
    });
    return {
      figures: [
        figure(`apply-${nodes}-seconds`, `etherloom up${flags}, until converged`, seconds(ups)),
        ...(put ? [figure(`apply-${nodes}-put-seconds`, 'PUT /v1/lab, until converged', seconds(puts))] : []),
        ...(skip === null
          ? [
              figure(
                `apply-${nodes}-kernel-seconds`,
                '`ip -batch`, Linux bridge, until a ping crosses',
                kernel,
              ),
            ]
          : []),
      ],
      cpu: ups[0]?.cpu ?? [],
      skips: skip === null ? [] : [skip],
      notes: [
        'Beside it the same number of network namespaces, veth pairs and addresses on a Linux bridge, by `ip -batch` as a script makes them, until a ping crosses. It starts no process a node, knows no lab file, waits for nothing, cannot be changed afterwards but by hand, counts no drops of a link, and needs root.',
        'From the start of the command, or of the PUT, until /readyz says that the lab has converged: every node connected, every device up, every link with its carrier. Then all carriers are read back and a ping crosses the LAN.',
      ],
      failures: [...ups, ...puts].flatMap((applied) => applied.faults),
    };
  };
  const name = `apply-${full.nodes}`;
  const shows =
    'How long a user waits for a lab of this size on this machine: control, switch and all nodes together.';
  return defineTrial({ name, title: `A lab of ${full.nodes} nodes comes up`, shows, full, quick, run });
}

export const apply200 = trial(
  { nodes: 200, rounds: 3, put: true, limit: 25 },
  { nodes: 40, rounds: 1, put: false, limit: 40 },
  [],
);
export const apply1000 = trial({ nodes: 1000, rounds: 1, put: false, limit: 120 }, null, [
  '--nodes-per-process',
  '50',
]);
