/** Many to one (RFC 2889, 5.3): more than one port can take, from several, and who gets how much of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Account, defineTrial } from '../report/trial.ts';
import { jain } from '../statistics.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';

interface Parameters {
  readonly senders: number;
  /** Frames a second of each, to a sink that takes fewer in all. */
  readonly rate: number;
  readonly seconds: number;
  readonly rounds: number;
}

/** Frames that the sink has from each sender, by the number in its address. */
async function shares(lab: TrafficLab): Promise<number[]> {
  const { sources } = await lab.node('sink').report();
  return lab.nodes.slice(1).map((_, i) => sources[String(i + 2)] ?? 0);
}

export const incastTrial = defineTrial<Parameters>({
  name: 'incast',
  title: 'RFC 2889: many to one',
  shows:
    'Four nodes keep a pace that one receiver cannot take. Frames may be lost only in the queue of that port, and the senders should share it equally (Jain).',
  full: { senders: 4, rate: 800_000, seconds: 2, rounds: 5 },
  quick: { senders: 4, rate: 800_000, seconds: 1, rounds: 2 },
  run: async (p, ctx) => {
    const senders = Array.from({ length: p.senders }, (_, i) => `s${i + 1}`);
    const lab = await TrafficLab.start({ folder: ctx.folder, processes: [['sink'], senders] });
    try {
      const fairness: number[] = [];
      const goodput: number[] = [];
      const accounts: Account[] = [];
      for (let round = 0; round < p.rounds; round++) {
        const before = await lab.totals();
        const had = await shares(lab);
        for (const name of senders)
          await lab.node(name).start({ dsts: [lab.node('sink').mac], sizes: [64], rate: p.rate });
        await delay(p.seconds * 1000);
        await Promise.all(senders.map((name) => lab.node(name).stop()));
        const { account } = await lab.account(`round ${round + 1}`, before);
        const got = (await shares(lab)).map((n, i) => n - had[i]!);
        fairness.push(jain(got));
        goodput.push(got.reduce((a, b) => a + b, 0) / p.seconds / 1e6);
        accounts.push(account);
      }
      ctx.say(`Jain ${fairness.map((x) => x.toFixed(3)).join(', ')}`);
      const elsewhere = accounts.flatMap(({ what, drops }) =>
        Object.keys(drops)
          .filter((place) => !/^(switch QUEUE_|device FULL_RING)/.test(place))
          .map((place) => `${what}: dropped at ${place}`),
      );
      return {
        figures: [
          {
            id: 'incast-jain',
            label: 'fairness between the senders (Jain)',
            unit: 'of 1',
            samples: fairness,
          },
          { id: 'incast-mpps', label: 'what the receiver got', unit: 'Mpps', samples: goodput },
        ],
        accounts,
        failures: elsewhere,
        notes: [`${p.senders} senders in one process, ${p.rate} frames a second each.`],
      };
    } finally {
      await lab.close();
    }
  },
});
