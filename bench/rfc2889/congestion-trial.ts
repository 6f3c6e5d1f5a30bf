/**
 * Congestion control (RFC 2889, 5.5): a sends half to b and half to c, d sends only to c, more than c takes. What is for
 * b must not suffer, not even when c's process is stopped altogether.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Account, defineTrial, type Figure } from '../report/trial.ts';
import type { Latency } from '../traffic/counter.ts';
import { macOf } from '../traffic/flow.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';

interface Parameters {
  readonly seconds: number;
  /** Frames a second of a, half of them to b. */
  readonly rateA: number;
  readonly rateD: number;
  readonly rounds: number;
}

type Phase = 'a alone' | 'c overloaded' | 'c stopped';

interface Measured {
  readonly phase: Phase;
  /** Of those from a to b. */
  readonly lost: number;
  readonly latency: Latency;
  readonly account: Account;
}

/** Every second frame of a goes to b, the first one too. */
const toB = (sentByA: number) => Math.ceil(sentByA / 2);
const NO_A = '1';

async function measure(lab: TrafficLab, phase: Phase, p: Parameters): Promise<Measured> {
  const { a, b, c, d } = { a: lab.node('a'), b: lab.node('b'), c: lab.node('c'), d: lab.node('d') };
  const before = await lab.totals();
  const had = (await b.report()).sources[NO_A] ?? 0;
  if (phase === 'c stopped') c.process.signal('SIGSTOP');
  if (phase !== 'a alone') await d.start({ dsts: [c.mac], sizes: [64], rate: p.rateD });
  await a.start({ dsts: [b.mac, c.mac], sizes: [64], rate: p.rateA, stampEvery: 2 });
  await delay(500);
  await b.resetLatency();
  await delay(p.seconds * 1000);
  const sent = (await a.stop()).flowSent;
  const latency = await b.latency();
  if (phase !== 'a alone') await d.stop();
  c.process.signal('SIGCONT');
  const { account } = await lab.account(phase, before);
  const got = ((await b.report()).sources[NO_A] ?? 0) - had;
  return { phase, lost: toB(sent) - got, latency, account };
}

export const congestionTrial = defineTrial<Parameters>({
  name: 'congestion',
  title: 'RFC 2889: congestion control, head-of-line blocking',
  shows:
    'a sends half to b and half to c, d more to c than it takes. No frame from a to b may be lost, also when the process of c is stopped (SIGSTOP).',
  full: { seconds: 2, rateA: 50_000, rateD: 1_500_000, rounds: 3 },
  quick: { seconds: 0.7, rateA: 50_000, rateD: 1_500_000, rounds: 1 },
  run: async (p, ctx) => {
    const lab = await TrafficLab.start({ folder: ctx.folder, processes: [['a'], ['b'], ['c'], ['d']] });
    try {
      const done: Measured[] = [];
      for (let round = 0; round < p.rounds; round++)
        for (const phase of ['a alone', 'c overloaded', 'c stopped'] as const) {
          done.push(await measure(lab, phase, p));
          ctx.say(
            `${phase}: lost ${done.at(-1)!.lost}, p99 ${(done.at(-1)!.latency.p99 / 1000).toFixed(2)} ms`,
          );
        }
      const figures = (['a alone', 'c overloaded', 'c stopped'] as const).flatMap((phase): Figure[] => {
        const some = done.filter((one) => one.phase === phase);
        const id = phase.replaceAll(' ', '-');
        return [
          {
            id: `congestion-lost-${id}`,
            label: `lost from a to b, ${phase}`,
            unit: 'frames',
            samples: some.map(({ lost }) => lost),
            better: 'less',
          },
          {
            id: `congestion-p99-${id}`,
            label: `latency p99 from a to b, ${phase}`,
            unit: 'ms',
            samples: some.map(({ latency }) => latency.p99 / 1000),
            better: 'less',
          },
        ];
      });
      return {
        figures,
        accounts: done.map(({ account }) => account),
        failures: done
          .filter(({ lost }) => lost !== 0)
          .map(({ phase, lost }) => `${phase}: ${lost} frames from a to b were lost`),
        notes: [
          `a sends ${p.rateA} frames a second, d ${p.rateD}; every node (a is ${macOf(1)}) is a process of its own, so four nodes and a switch share the cores.`,
        ],
      };
    } finally {
      await lab.close();
    }
  },
});
