/**
 * Address caching capacity and learning rate (RFC 2889, 5.7 and 5.8), with a port that only listens: a frame for an
 * address that was learnt never comes there, a frame for any other does.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_FDB_CAPACITY } from '@etherloom/bridge';
import { until } from '../../test/support/until.ts';
import { type Account, defineTrial } from '../report/trial.ts';
import { macOf } from '../traffic/flow.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';

interface Parameters {
  readonly rounds: number;
}

/** Where the made-up addresses begin. */
const FIRST = 0x10000;
/** More than fit. */
const BEYOND = 1000;
const WARM_UP = 300_000;
/** Frames a second: what asks for the addresses must not fill a queue. */
const ASKING = 100_000;

const addresses = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => macOf(FIRST + from + i));

/** Sends them all; the rate at which they left. */
async function sendAll(lab: TrafficLab, name: string, flow: object, count: number): Promise<number> {
  const node = lab.node(name);
  await node.start({ dsts: [], sizes: [64], rate: null, count, ...flow });
  await until('all have left', async () => !(await node.report()).flowRunning, 10);
  await delay(200);
  return count / (await node.report()).flowSeconds;
}

interface Asked {
  readonly flooded: number;
  readonly learnRate: number;
  readonly account: Account;
}

/** The learner tells of addresses, the tester sends to each of them; what the monitor hears was flooded. */
async function tellAndAsk(lab: TrafficLab, from: number, count: number): Promise<Asked> {
  const before = await lab.totals();
  const heard = (await lab.node('monitor').report()).received;
  const macs = addresses(from, count);
  const learnRate = await sendAll(lab, 'learner', { srcs: macs, dsts: [lab.node('tester').mac] }, count);
  await sendAll(lab, 'tester', { dsts: macs, rate: ASKING }, count);
  const flooded = (await lab.node('monitor').report()).received - heard;
  // A flooded frame comes to the learner too, so it is the monitor's copy that is one more than was sent.
  const { account } = await lab.account(`${count} addresses from ${from}`, before, { more: flooded });
  return { flooded, learnRate, account };
}

export const addressesTrial = defineTrial<Parameters>({
  name: 'addresses',
  title: 'RFC 2889: address caching capacity and learning rate',
  shows: `A LAN learns exactly as many addresses as its table may hold (${DEFAULT_FDB_CAPACITY}), at the pace they come; the next ones are flooded.`,
  full: { rounds: 3 },
  quick: { rounds: 1 },
  run: async ({ rounds }, ctx) => {
    const capacity: number[] = [];
    const rates: number[] = [];
    const accounts: Account[] = [];
    for (let round = 0; round < rounds; round++) {
      const lab = await TrafficLab.start({
        folder: ctx.folder,
        processes: [['learner'], ['tester'], ['monitor']],
      });
      try {
        // Code is compiled late, and a cold source would be what is measured.
        await sendAll(lab, 'learner', { dsts: [lab.node('tester').mac] }, WARM_UP);
        const room = DEFAULT_FDB_CAPACITY - lab.nodes.length;
        const fits = await tellAndAsk(lab, 0, room);
        const beyond = await tellAndAsk(lab, room, BEYOND);
        capacity.push(DEFAULT_FDB_CAPACITY - fits.flooded + BEYOND - beyond.flooded);
        rates.push(fits.learnRate / 1e6);
        accounts.push(fits.account, beyond.account);
      } finally {
        await lab.close();
      }
    }
    ctx.say(
      `${capacity.join(', ')} addresses, ${rates.map((x) => x.toFixed(2)).join(', ')} million a second`,
    );
    return {
      figures: [
        { id: 'address-capacity', label: 'addresses learnt', unit: 'addresses', samples: capacity },
        {
          id: 'address-learning-rate',
          label: 'learnt at this pace, none flooded later',
          unit: 'million/s',
          samples: rates,
        },
      ],
      accounts,
      failures: capacity.some((n) => n !== DEFAULT_FDB_CAPACITY)
        ? [`the table is to hold ${DEFAULT_FDB_CAPACITY} addresses and held ${capacity.join(', ')}`]
        : [],
      notes: [
        'The learning rate is what the source offered: the switch learns each address as its frame passes.',
      ],
    };
  },
});
