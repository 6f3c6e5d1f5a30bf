/** Broadcast forwarding and latency (RFC 2889, 5.10): one sender, a copy to every other port. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Account, defineTrial, type Figure, type ProcessCpu } from '../report/trial.ts';
import type { Latency } from '../traffic/counter.ts';
import { BROADCAST } from '../traffic/flow.ts';
import type { Totals } from '../traffic/totals.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';

interface Parameters {
  readonly ports: readonly number[];
  /** Copies a second that are tried, least first. */
  readonly copies: readonly number[];
  readonly seconds: number;
}

interface Step {
  readonly copiesPerSecond: number;
  readonly latency: Latency;
  readonly clean: boolean;
  readonly account: Account;
  /** The sums at the end, at rest: where the next step begins. */
  readonly after: Totals;
  readonly cpu: ProcessCpu;
}

const GOOD_P99_US = 100_000;
const LAST_COPIES_MS = 300;
/** Seconds of the least pace before the first step: code is compiled late, and a cold receiver is not what is asked for. */
const WARM_UP = 2;
/** How often a step that was not clean is tried: one hiccup must not end the climb. */
const TURNS = 2;

async function step(lab: TrafficLab, copies: number, seconds: number, before: Totals): Promise<Step> {
  const others = lab.nodes.length - 1;
  const [source, receiver] = [lab.node('source'), lab.nodes[1]!];
  const [cpu, at] = [lab.switchCpuSeconds, performance.now()];
  const flow = { dsts: [BROADCAST], sizes: [64], rate: copies / others, stampEvery: 1 };
  await receiver.resetLatency();
  await source.start(flow);
  await delay(seconds * 1000);
  const { flowSent, flowIntended, flowSeconds } = await source.stop();
  // To ask a thousand receivers in one process for their sums keeps it from taking the last copies.
  await delay(LAST_COPIES_MS);
  const used = lab.switchCpuSeconds - cpu;
  const wallSeconds = (performance.now() - at) / 1000;
  const { account, after } = await lab.account(`${others + 1} ports, ${copies} copies a second`, before, {
    copies: others,
  });
  const latency = await receiver.latency();
  const lost = Object.values(account.drops).reduce((sum, n) => sum + n, 0);
  const offered = flowSent > flowIntended * 0.99 - 1;
  return {
    copiesPerSecond: (flowSent * others) / flowSeconds,
    latency,
    clean: lost === 0 && offered && latency.p99 <= GOOD_P99_US,
    account,
    after,
    cpu: { process: `switch, ${account.what}`, seconds: used, wallSeconds },
  };
}

async function climb(lab: TrafficLab, p: Parameters): Promise<Step[]> {
  const steps: Step[] = [];
  let before = (await step(lab, p.copies[0]!, WARM_UP, await lab.totals())).after;
  for (const copies of p.copies) {
    let last: Step;
    let turn = 0;
    do {
      last = await step(lab, copies, p.seconds, before);
      steps.push(last);
      before = last.after;
    } while (!last.clean && ++turn < TURNS);
    if (!last.clean) break;
  }
  return steps;
}

function figuresOf(ports: number, steps: readonly Step[]): Figure[] {
  const best = steps.findLast(({ clean }) => clean) ?? steps[0]!;
  return [
    {
      id: `broadcast-${ports}-copies-per-second`,
      label: `copies to ${ports} ports, none lost, p99 <= 100 ms`,
      unit: 'copies/s',
      samples: [best.clean ? best.copiesPerSecond : 0],
    },
    {
      id: `broadcast-${ports}-latency-p99-ms`,
      label: `latency p99 at that rate, ${ports} ports`,
      unit: 'ms',
      samples: [best.latency.p99 / 1000],
      better: 'less',
    },
    {
      id: `broadcast-${ports}-switch-cpu-ns`,
      label: `CPU of the switch a copy, ${ports} ports`,
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
    ports: [16, 100, 1000],
    copies: [100e3, 150e3, 225e3, 340e3, 500e3, 750e3, 1.1e6, 1.6e6, 2.4e6],
    seconds: 1.5,
  },
  quick: { ports: [100], copies: [100e3, 300e3, 1e6], seconds: 0.7 },
  run: async (p, ctx) => {
    const figures: Figure[] = [];
    const all: { ports: number; steps: Step[] }[] = [];
    for (const ports of p.ports) {
      const others = Array.from({ length: ports - 1 }, (_, i) => `n${i + 1}`);
      const processes = [['source'], others];
      const start = performance.now();
      const lab = await TrafficLab.start({
        folder: ctx.folder,
        processes,
        introduce: ['source'],
        patience: 120,
      });
      try {
        ctx.say(`${ports} ports: up after ${((performance.now() - start) / 1000).toFixed(1)} s`);
        const steps = await climb(lab, p);
        all.push({ ports, steps });
        figures.push(...figuresOf(ports, steps));
        const last = figures.at(-3)!.samples[0]!;
        ctx.say(`${ports} ports: ${(last / 1000).toFixed(0)} thousand copies a second`);
      } finally {
        await lab.close();
      }
    }
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
              String(one.ports),
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
            name: `${one.ports} ports`,
            points: one.steps.map((s): [number, number] => [s.copiesPerSecond, s.latency.p99 / 1000]),
          })),
        },
      ],
      notes: ['All receivers of a lab live in one process, which also takes its share of the cores.'],
    };
  },
});
