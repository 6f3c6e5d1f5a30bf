/** Fully meshed traffic (RFC 2889, 5.1): every node sends to every other in turn, frame by frame. */
import { setTimeout as delay } from 'node:timers/promises';
import { ManyClients } from '../ladder/many-clients.ts';
import { defineTrial } from '../report/trial.ts';
import { median, pairedRatios } from '../statistics.ts';
import { type EverybodyRound, everybodyCpu, everybodyRound, strangeFrames } from '../traffic/everybody.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';

interface Parameters {
  readonly nodes: number;
  readonly processes: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly warmUp: number;
}

const BESIDE = 'a plain `ws` relay that sorts each batch by destination';

/** The same flows through a relay, one message a batch and destination: frames received a second and what it took. */
interface RelayRound {
  readonly mpps: number;
  readonly cpuNs: number;
}

async function relayRound(relay: ManyClients, seconds: number): Promise<RelayRound> {
  const { before, after } = await relay.meshRound(seconds);
  const received = after.received - before.received;
  return {
    mpps: received / (after.at - before.at) / 1e3,
    cpuNs: ((after.relay - before.relay) * 1e9) / received,
  };
}

async function startAll(lab: TrafficLab): Promise<void> {
  for (const node of lab.nodes) {
    const dsts = lab.nodes.filter((other) => other !== node).map(({ mac }) => mac);
    await node.start({ dsts, sizes: [64], rate: null });
  }
}

async function ourRound(lab: TrafficLab, seconds: number): Promise<EverybodyRound> {
  await startAll(lab);
  await delay(300);
  const round = await everybodyRound(lab, seconds);
  await Promise.all(lab.nodes.map((node) => node.stop()));
  return round;
}

const total = ({ received, wallSeconds }: EverybodyRound) => received / wallSeconds / 1e6;

export const meshTrial = defineTrial<Parameters>({
  name: 'mesh',
  title: 'RFC 2889: 16 nodes fully meshed',
  shows:
    'Every node sends to all others in turn, frame by frame, so that no two frames of a batch leave by the same port; 64-byte frames, as fast as the devices take them.',
  full: { nodes: 16, processes: 2, seconds: 1.2, rounds: 5, warmUp: 4 },
  quick: { nodes: 16, processes: 2, seconds: 0.6, rounds: 2, warmUp: 1.5 },
  run: async (p, ctx) => {
    const names = Array.from({ length: p.nodes }, (_, i) => `n${i + 1}`);
    const part = Math.ceil(p.nodes / p.processes);
    const processes = Array.from({ length: p.processes }, (_, i) => names.slice(i * part, (i + 1) * part));
    const lab = await TrafficLab.start({ folder: ctx.folder, processes });
    let relay: ManyClients | null = null;
    try {
      relay = await ManyClients.open(
        'sort',
        processes.map(({ length }) => length),
      );
      const before = await lab.totals();
      const strange = await strangeFrames(lab);
      await ourRound(lab, p.warmUp);
      await relay.meshRound(p.warmUp / 2);
      const rounds: EverybodyRound[] = [];
      const beside: RelayRound[] = [];
      for (let i = 0; i < p.rounds; i++) {
        rounds.push(await ourRound(lab, p.seconds));
        beside.push(await relayRound(relay, p.seconds));
      }
      const { account } = await lab.account(`${p.nodes} nodes, meshed`, before);
      const wrong = (await strangeFrames(lab)) - strange;
      const mpps = beside.map((round) => round.mpps);
      ctx.say(`${median(rounds.map(total)).toFixed(2)} Mpps together, the relay ${median(mpps).toFixed(2)}`);
      return {
        figures: [
          {
            id: `mesh-${p.nodes}-mpps`,
            label: 'received by all together',
            unit: 'Mpps',
            samples: rounds.map(total),
          },
          {
            id: `mesh-${p.nodes}-switch-cpu-ns`,
            label: 'CPU of the switch a frame received',
            unit: 'ns',
            samples: rounds.map((round) => (round.switch * 1e9) / round.received),
            better: 'less',
          },
          {
            id: `mesh-${p.nodes}-relay-mpps`,
            label: `${BESIDE}, ${p.nodes} clients`,
            unit: 'Mpps',
            samples: mpps,
          },
          {
            id: `mesh-${p.nodes}-relay-cpu-ns`,
            label: `${BESIDE}: its CPU a frame`,
            unit: 'ns',
            samples: beside.map((round) => round.cpuNs),
            better: 'less',
          },
          {
            id: `mesh-${p.nodes}-vs-relay`,
            label: `ours to ${BESIDE}`,
            unit: 'times',
            samples: pairedRatios(rounds.map(total), mpps),
          },
        ],
        accounts: [account, await relay.account(BESIDE, { sent: 0, received: 0 })],
        cpu: everybodyCpu(rounds),
        failures: wrong > 0 ? [`${wrong} frames arrived at a port that they were not for`] : [],
        notes: [
          `The nodes live in ${p.processes} processes; each sends and counts. Frames at a wrong port: ${wrong}.`,
          'The relay moves the same frames among as many plain `ws` clients in as many processes, in turn with ours, round by round. It looks at one byte of the destination, learns and checks nothing, and stops who sends to a slow one; its clients count bytes where our nodes have devices, rings and skbs.',
        ],
      };
    } finally {
      await relay?.close();
      await lab.close();
    }
  },
});
