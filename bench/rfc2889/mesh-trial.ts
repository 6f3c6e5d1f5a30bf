/** Fully meshed traffic (RFC 2889, 5.1): every node sends to every other in turn, frame by frame. */
import { setTimeout as delay } from 'node:timers/promises';
import { defineTrial } from '../report/trial.ts';
import { median } from '../statistics.ts';
import { type EverybodyRound, everybodyCpu, everybodyRound, strangeFrames } from '../traffic/everybody.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';

interface Parameters {
  readonly nodes: number;
  readonly processes: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly warmUp: number;
}

const total = ({ received, wallSeconds }: EverybodyRound) => received / wallSeconds / 1e6;

export const meshTrial = defineTrial<Parameters>({
  name: 'mesh',
  title: 'RFC 2889: 16 nodes fully meshed',
  shows:
    'Every node sends to all others in turn, frame by frame, so that no two frames of a batch leave by the same port; 64-byte frames, as fast as the devices take them.',
  full: { nodes: 16, processes: 2, seconds: 2, rounds: 5, warmUp: 5 },
  quick: { nodes: 16, processes: 2, seconds: 0.7, rounds: 3, warmUp: 2 },
  run: async (p, ctx) => {
    const names = Array.from({ length: p.nodes }, (_, i) => `n${i + 1}`);
    const part = Math.ceil(p.nodes / p.processes);
    const processes = Array.from({ length: p.processes }, (_, i) => names.slice(i * part, (i + 1) * part));
    const lab = await TrafficLab.start({ folder: ctx.folder, processes });
    try {
      const before = await lab.totals();
      const strange = await strangeFrames(lab);
      for (const node of lab.nodes) {
        const dsts = lab.nodes.filter((other) => other !== node).map(({ mac }) => mac);
        await node.start({ dsts, sizes: [64], rate: null });
      }
      await delay(p.warmUp * 1000);
      const rounds: EverybodyRound[] = [];
      for (let i = 0; i < p.rounds; i++) rounds.push(await everybodyRound(lab, p.seconds));
      await Promise.all(lab.nodes.map((node) => node.stop()));
      const { account } = await lab.account(`${p.nodes} nodes, meshed`, before);
      const wrong = (await strangeFrames(lab)) - strange;
      ctx.say(`${median(rounds.map(total)).toFixed(2)} Mpps together`);
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
        ],
        accounts: [account],
        cpu: everybodyCpu(rounds),
        failures: wrong > 0 ? [`${wrong} frames arrived at a port that they were not for`] : [],
        notes: [
          `The nodes live in ${p.processes} processes; each sends and counts. Frames at a wrong port: ${wrong}.`,
        ],
      };
    } finally {
      await lab.close();
    }
  },
});
