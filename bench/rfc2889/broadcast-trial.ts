/** Broadcast forwarding and latency (RFC 2889, 5.10): one sender, a copy to every other port. */
import { setTimeout as delay } from 'node:timers/promises';
import { ManyClients } from '../ladder/many-clients.ts';
import { defineTrial, type Figure, type TrialContext } from '../report/trial.ts';
import { BROADCAST } from '../traffic/flow.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';
import { type Broadcast, climb, isClean, LAST_COPIES_MS, type Step } from './broadcast-step.ts';
import { fanOutOf } from './fan-out.ts';

interface Parameters {
  readonly ports: readonly number[];
  /** Copies a second that are tried, least first. */
  readonly copies: readonly number[];
  /** And before them, by the plain server. */
  readonly slower: readonly number[];
  readonly seconds: number;
}

/** Ours: the sums at the end of a step, at rest, are where the next one begins. */
async function broadcastOf(lab: TrafficLab): Promise<Broadcast> {
  const others = lab.nodes.length - 1;
  const [source, receiver] = [lab.node('source'), lab.nodes[1]!];
  let before = await lab.totals();
  return async (copies, seconds) => {
    const [cpu, at] = [lab.switchCpuSeconds, performance.now()];
    const flow = { dsts: [BROADCAST], sizes: [64], rate: copies / others, stampEvery: 1 };
    await receiver.resetLatency();
    await source.start(flow);
    await delay(seconds * 1000);
    const { flowSent, flowIntended, flowSeconds } = await source.stop();
    await delay(LAST_COPIES_MS);
    const used = lab.switchCpuSeconds - cpu;
    const wallSeconds = (performance.now() - at) / 1000;
    const { account, after } = await lab.account(`${others + 1} ports, ${copies} copies a second`, before, {
      copies: others,
    });
    before = after;
    const latency = await receiver.latency();
    return {
      copiesPerSecond: (flowSent * others) / flowSeconds,
      latency,
      clean: isClean(account, latency, flowSent > flowIntended * 0.99 - 1),
      account,
      cpu: { process: `switch, ${account.what}`, seconds: used, wallSeconds },
    };
  };
}

async function climbOurs(ports: number, p: Parameters, ctx: TrialContext): Promise<Step[]> {
  const processes = [['source'], Array.from({ length: ports - 1 }, (_, i) => `n${i + 1}`)];
  const start = performance.now();
  const lab = await TrafficLab.start({ folder: ctx.folder, processes, introduce: ['source'], patience: 120 });
  try {
    ctx.say(`${ports} ports: up after ${((performance.now() - start) / 1000).toFixed(1)} s`);
    return await climb(await broadcastOf(lab), p.copies, p.seconds);
  } finally {
    await lab.close();
  }
}

async function climbTheirs(ports: number, p: Parameters): Promise<Step[]> {
  const relay = await ManyClients.open('fan-out', [1, ports - 1]);
  try {
    return await climb(fanOutOf(relay, ports), [...p.slower, ...p.copies], p.seconds);
  } finally {
    await relay.close();
  }
}

interface Whose {
  /** Within the ids of its figures. */
  readonly id: string;
  readonly label: string;
}

const OURS: Whose = { id: '', label: '' };
const THEIRS: Whose = { id: 'ws-', label: ', a plain `ws` server' };

function figuresOf(ports: number, steps: readonly Step[], { id, label }: Whose): Figure[] {
  const best = steps.findLast(({ clean }) => clean) ?? steps[0]!;
  return [
    {
      id: `broadcast-${ports}-${id}copies-per-second`,
      label: `copies to ${ports} ports, none lost, p99 <= 100 ms${label}`,
      unit: 'copies/s',
      samples: [best.clean ? best.copiesPerSecond : 0],
    },
    {
      id: `broadcast-${ports}-${id}latency-p99-ms`,
      label: `latency p99 at that rate, ${ports} ports${label}`,
      unit: 'ms',
      samples: [best.latency.p99 / 1000],
      better: 'less',
    },
    {
      id: `broadcast-${ports}-${id}switch-cpu-ns`,
      label: `CPU of the ${id === '' ? 'switch' : 'server'} a copy, ${ports} ports${label}`,
      unit: 'ns',
      samples: [(best.cpu.seconds * 1e9) / Math.max(1, best.account.received)],
      better: 'less',
    },
  ];
}

export const broadcastTrial = defineTrial<Parameters>({
  name: 'broadcast',
  title: 'RFC 2889: broadcast forwarding and latency',
  shows:
    'One node broadcasts at a kept pace; every other port gets a copy. The pace rises until a copy is lost or the p99 of the copies is more than 100 ms.',
  full: {
    ports: [16, 1000],
    slower: [12.5e3, 25e3, 50e3],
    copies: [100e3, 150e3, 225e3, 340e3, 500e3, 750e3, 1.1e6, 1.6e6, 2.4e6],
    seconds: 1.5,
  },
  quick: { ports: [100], slower: [25e3], copies: [100e3, 300e3, 1e6], seconds: 0.7 },
  run: async (p, ctx) => {
    const figures: Figure[] = [];
    const all: { ports: number; steps: Step[]; whose: Whose }[] = [];
    const add = (ports: number, steps: Step[], whose: Whose) => {
      all.push({ ports, steps, whose });
      figures.push(...figuresOf(ports, steps, whose));
      const thousands = (figures.at(-3)!.samples[0]! / 1000).toFixed(0);
      ctx.say(`${ports} ports${whose.label}: ${thousands} thousand copies a second`);
    };
    for (const ports of p.ports) add(ports, await climbOurs(ports, p, ctx), OURS);
    const most = p.ports.at(-1)!;
    add(most, await climbTheirs(most, p), THEIRS);
    const steps = all.flatMap((one) => one.steps);
    return {
      figures,
      accounts: steps.map(({ account }) => account),
      cpu: steps.map(({ cpu }) => cpu),
      grids: [
        {
          title: 'Steps',
          head: [
            'ports',
            'copies a second',
            'p50 ms',
            'p99 ms',
            'most ms',
            'lost',
            'CPU-ns of the switch a copy',
          ],
          rows: all.flatMap((one) =>
            one.steps.map(({ copiesPerSecond, latency, account, cpu }) => [
              `${one.ports}${one.whose.label}`,
              copiesPerSecond.toFixed(0),
              ...[latency.p50, latency.p99, latency.max].map((us) => (us / 1000).toFixed(2)),
              String(Object.values(account.drops).reduce((sum, n) => sum + n, 0)),
              ((cpu.seconds * 1e9) / Math.max(1, account.received)).toFixed(0),
            ]),
          ),
        },
      ],
      plots: [
        {
          file: 'rfc2889-broadcast',
          title: 'Broadcast: latency p99 by copies a second',
          x: { label: 'copies a second', log: true },
          y: { label: 'ms', log: true },
          series: all.map((one) => ({
            name: `${one.ports} ports${one.whose.label}`.replaceAll('`', ''),
            points: one.steps.map((s): [number, number] => [s.copiesPerSecond, s.latency.p99 / 1000]),
          })),
        },
      ],
      notes: [
        'All receivers of a lab live in one process, which also takes its share of the cores. Latency is read at the first of them.',
        'The plain `ws` server learns, checks and bounds nothing: `send` to each other client, a message a frame. Its receivers are plain clients in one process, its search the same.',
      ],
    };
  },
});
