/**
 * What the slow paths cost: the same paced flow to a port that has nothing set, and to one with a delay, with loss, with
 * an MTU, with a rate limit that does not bind, in turn; and how a flow between two other ports fares meanwhile.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Account, defineTrial, type Figure } from '../report/trial.ts';
import { median, pairedRatios, spread } from '../statistics.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';
import { RawSink } from './raw-port.ts';

interface Parameters {
  readonly rate: number;
  readonly rawRate: number;
  readonly seconds: number;
  readonly rounds: number;
}

const NO_MTU = 65_535;
const NO_IMPAIRMENT = { delay: 0, jitter: 0, loss: 0, rate: 0 };
interface Variant {
  readonly id: string;
  readonly label: string;
  /** Of the sink's link, towards the sink. */
  readonly impair?: object;
  readonly mtu?: number;
}
const VARIANTS: readonly Variant[] = [
  { id: 'plain', label: 'nothing set' },
  { id: 'delay', label: 'delay 1 ms', impair: { delay: '1ms' } },
  { id: 'loss', label: 'loss 1 %', impair: { loss: '1%' } },
  { id: 'rate', label: 'rate 10 Gbit/s', impair: { rate: '10gbit' } },
  { id: 'mtu', label: 'link MTU 1500', mtu: 1500 },
];
const RAW: Variant = { id: 'raw', label: 'raw port, a message a frame' };

interface Measured {
  readonly variant: Variant;
  readonly switchNs: number[];
  /** Of the two others. */
  readonly p99: number[];
  readonly lost: number[];
}

async function round(
  lab: TrafficLab,
  p: Parameters,
  { variant, switchNs, p99, lost }: Measured,
  raw: RawSink | null,
): Promise<Account> {
  const patched = await lab.rest('PATCH', '/v1/links/sink', {
    mtu: variant.mtu ?? NO_MTU,
    impair: { reverse: { ...NO_IMPAIRMENT, ...variant.impair } },
  });
  if (patched.status !== 200) throw new Error(`PATCH of the link: ${JSON.stringify(patched.body)}`);
  const before = await lab.totals();
  const hadRaw = (await raw?.received()) ?? 0;
  const [source, sink, x, y] = ['source', 'sink', 'x', 'y'].map((name) => lab.node(name)) as [
    Node,
    Node,
    Node,
    Node,
  ];
  const had = (await y.report()).received;
  await x.start({ dsts: [y.mac], sizes: [64], rate: 20_000, stampEvery: 1 });
  await source.start({ dsts: [raw?.mac ?? sink.mac], sizes: [64], rate: raw === null ? p.rate : p.rawRate });
  await delay(400);
  await y.resetLatency();
  const [cpu, sent] = [lab.switchCpuSeconds, (await source.report()).flowSent];
  await delay(p.seconds * 1000);
  switchNs.push(((lab.switchCpuSeconds - cpu) * 1e9) / ((await source.report()).flowSent - sent));
  p99.push((await y.latency()).p99 / 1000);
  const ours = (await source.stop()).flowSent;
  const theirs = (await x.stop()).flowSent;
  await delay(100);
  lost.push(theirs - ((await y.report()).received - had));
  if (raw === null) return (await lab.account(variant.label, before)).account;
  return raw.account(lab, variant.label, { expected: ours, received: (await raw.received()) - hadRaw });
}

type Node = ReturnType<TrafficLab['node']>;

function figuresOf({ variant: { id, label }, switchNs, p99, lost }: Measured, plain: Measured): Figure[] {
  return [
    {
      id: `slow-${id}-cpu-ns`,
      label: `CPU of the switch a frame, ${label}`,
      unit: 'ns',
      samples: switchNs,
      better: 'less',
    },
    {
      id: `slow-${id}-vs-plain`,
      label: `${label} to nothing set`,
      unit: 'times',
      samples: pairedRatios(switchNs, plain.switchNs),
      better: 'less',
    },
    {
      id: `slow-${id}-others-p99-ms`,
      label: `latency p99 of two others, ${label}`,
      unit: 'ms',
      samples: p99,
      better: 'less',
    },
    {
      id: `slow-${id}-others-lost`,
      label: `lost between two others, ${label}`,
      unit: 'frames',
      samples: lost,
      better: 'less',
    },
  ];
}

export const slowPathsTrial = defineTrial<Parameters>({
  name: 'slow-paths',
  title: 'What the slow paths cost, and whom',
  shows:
    'The switch pays more for a port that is impaired, limited or raw; two other ports of the same LAN must not notice.',
  full: { rate: 200_000, rawRate: 40_000, seconds: 1.2, rounds: 5 },
  quick: { rate: 200_000, rawRate: 40_000, seconds: 0.6, rounds: 1 },
  run: async (p, ctx) => {
    const processes = [
      ['source', 'x'],
      ['sink', 'y'],
    ];
    const lab = await TrafficLab.start({ folder: ctx.folder, processes });
    let raw: RawSink | null = null;
    try {
      raw = await RawSink.connect(lab);
      const all = [...VARIANTS, RAW].map(
        (variant): Measured => ({ variant, switchNs: [], p99: [], lost: [] }),
      );
      const accounts: Account[] = [];
      // One round that does not count, since code is compiled late.
      await round(lab, p, { ...all[0]!, switchNs: [], p99: [], lost: [] }, null);
      for (let i = 0; i < p.rounds; i++)
        for (const one of all) accounts.push(await round(lab, p, one, one.variant === RAW ? raw : null));
      for (const { variant, switchNs } of all)
        ctx.say(`${variant.label}: ${median(switchNs).toFixed(0)} ns a frame`);
      const plain = all[0]!;
      return {
        figures: all.flatMap((one) => figuresOf(one, plain)),
        accounts,
        grids: [
          {
            title: 'By what is set on the port',
            head: [
              'port',
              'switch CPU-ns a frame',
              'to nothing set',
              "two others' p99, ms",
              'lost between them',
            ],
            rows: all.map(({ variant, switchNs, p99, lost }) => [
              variant.label,
              spread(switchNs, 0),
              spread(pairedRatios(switchNs, plain.switchNs)),
              spread(p99),
              String(lost.reduce((a, b) => a + b, 0)),
            ]),
          },
        ],
        failures: all
          .filter(({ lost }) => lost.some((n) => n !== 0))
          .map(({ variant, lost }) => `${variant.label}: two others lost ${lost.join(', ')} frames`),
        notes: [
          `Frames of 64 bytes at ${p.rate} a second (${p.rawRate} to the raw port), 20,000 between the two others. A paced flow makes smaller batches than a full one, so a frame costs more here than in the trial of full speed.`,
        ],
      };
    } finally {
      await raw?.close();
      await lab.close();
    }
  },
});
