/** RFC 2544 on one LAN with two nodes: throughput, latency, frame loss, back-to-back frames (RFC 9004). */
import { setTimeout as delay } from 'node:timers/promises';
import { type Account, defineTrial } from '../report/trial.ts';
import type { Latency } from '../traffic/counter.ts';
import { runPaced } from '../traffic/paced.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';
import { backToBack } from './back-to-back.ts';
import { BareRelay } from './bare-relay.ts';
import { lossCurve } from './loss-curve.ts';
import { figuresOf, gridsOf, type LatencyAt, PARTS, plotsOf } from './present.ts';
import { type Throughput, type ThroughputParameters, throughput } from './throughput.ts';

interface Parameters extends ThroughputParameters {
  readonly sizes: readonly number[];
  /** Of these sizes also latency; of the first of them loss and back-to-back. */
  readonly latencySizes: readonly number[];
  readonly latencySeconds: number;
  readonly latencyRounds: number;
  readonly loss: boolean;
  readonly burstRounds: number;
}

/** Seconds that a flow has run before latencies count. */
const SETTLE = 0.5;

/** At half of the rate also over a bare relay, round by round. */
async function latencies(
  lab: TrafficLab,
  relay: BareRelay,
  { size, rate }: Throughput,
  p: Parameters,
  accounts: Account[],
): Promise<LatencyAt[]> {
  const list: LatencyAt[] = [];
  for (const part of PARTS) {
    const rounds: Latency[] = [];
    const bare: Latency[] = [];
    for (let i = 0; i < p.latencyRounds; i++) {
      const outcome = await runPaced(lab, {
        from: 'source',
        to: 'sink',
        sizes: [size],
        rate: rate * part,
        seconds: p.latencySeconds,
        stampEvery: 7,
        settle: SETTLE,
      });
      accounts.push({ ...outcome.account, what: `${size}, latency at ${part * 100} %` });
      rounds.push(outcome.latency);
      if (part === PARTS[0]) bare.push(await relay.round(rate * part, p.latencySeconds, SETTLE));
    }
    list.push({ size, part, rounds, bare });
  }
  return list;
}

async function besideBareRelay(
  lab: TrafficLab,
  found: Throughput,
  p: Parameters,
  accounts: Account[],
): Promise<LatencyAt[]> {
  const relay = await BareRelay.open(found.size);
  try {
    await relay.round(found.rate / 2, 1, 0); // code is compiled late
    const list = await latencies(lab, relay, found, p, accounts);
    accounts.push(await relay.account());
    return list;
  } finally {
    await relay.close();
  }
}

export const rfc2544Trial = defineTrial<Parameters>({
  name: 'rfc2544',
  title: 'RFC 2544: throughput, latency, frame loss, back-to-back',
  shows:
    'One node sends to another through the switch at a kept pace. TCP carries frames without loss, so a frame can only be lost in a bounded queue of ours, and its counter says so.',
  full: {
    sizes: [64, 128, 256, 512, 1024, 1280, 1518],
    latencySizes: [64, 1518],
    latencySeconds: 1,
    latencyRounds: 5,
    early: 1,
    final: 3,
    width: 0.02,
    loss: true,
    burstRounds: 5,
  },
  quick: {
    sizes: [64],
    latencySizes: [64],
    latencySeconds: 1,
    latencyRounds: 1,
    early: 0.6,
    final: 1,
    width: 0.1,
    loss: false,
    burstRounds: 0,
  },
  run: async (p, ctx) => {
    const lab = await TrafficLab.start({ folder: ctx.folder, processes: [['source'], ['sink']] });
    try {
      const rates: Throughput[] = [];
      const late: LatencyAt[] = [];
      const accounts: Account[] = [];
      for (const size of p.sizes) {
        const found = await throughput(lab, size, p);
        rates.push(found);
        accounts.push(...found.accounts);
        ctx.say(`${size}: ${(found.rate / 1000).toFixed(0)} kpps without loss`);
        if (p.latencySizes.includes(size) && found.rate > 0)
          late.push(...(await besideBareRelay(lab, found, p, accounts)));
        await delay(200);
      }
      const first = rates[0]!;
      const loss = p.loss ? await lossCurve(lab, first, p.early, accounts) : [];
      const bursts = p.burstRounds > 0 ? await backToBack(lab, first, p.burstRounds, accounts) : null;
      return {
        figures: [...figuresOf(rates, late), ...(bursts?.figures ?? [])],
        accounts,
        grids: gridsOf(rates, late, loss, bursts),
        plots: plotsOf(rates, late, loss),
        failures: rates
          .filter(({ rate }) => rate === 0)
          .map(({ size }) => `${size}: no rate without loss was found`),
        notes: [
          `Search: binary, trials of ${p.early} s, to ${p.width * 100} %; a lossy trial is repeated before its rate is rejected; the result is verified for ${p.final} s. RFC 2544 asks for 60 s.`,
          'The source sends by turns of a quarter of a millisecond. A frame is stamped with the time it was due, so what waits in a late source or a stopped queue counts as latency.',
          'Latency counts from half a second after the flow has begun.',
          'The bare relay is three processes too, sent the same frames by turns of the same length. It looks at nothing but lengths: what it is late is the machine, loopback TCP and the event loop.',
          'The no-drop rate is where the drop counters of our queues start; what the source could not offer counts as lost.',
        ],
      };
    } finally {
      await lab.close();
    }
  },
});
