/** One setting of the link towards the sink: a paced flow through it, and what came out. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Lateness, LinkDirectionStats } from '@etherloom/schema';
import type { Latency } from '../traffic/counter.ts';
import { FCS } from '../traffic/flow.ts';
import type { TrafficLab } from '../traffic/traffic-lab.ts';

export interface Offered {
  /** Frames a second, and bytes of each, FCS counted. */
  readonly rate: number;
  readonly size: number;
  readonly seconds: number;
}

export interface Passed {
  /** Microseconds, one way. */
  readonly latency: Latency;
  /** Of the frames that were given to the link. */
  readonly lostShare: number;
  /** Bits a second that reached the sink in the second half. */
  readonly bits: number;
  readonly lateness: Lateness | null;
  /** tx + duplicated - rx - drops - queue. */
  readonly unaccounted: number;
  readonly stats: LinkDirectionStats;
}

/** The first `seconds` are left out, then it is measured for as long again. */
export async function measure(lab: TrafficLab, impair: object, offered: Offered): Promise<Passed> {
  // Away and back: counters of lateness and the sequence of the seed begin anew with each setting.
  await set(lab, null);
  await set(lab, impair);
  const [source, sink] = [lab.node('source'), lab.node('sink')];
  const before = await statsOf(lab);
  await source.start({ dsts: [sink.mac], sizes: [offered.size], rate: offered.rate, stampEvery: 1 });
  await delay(offered.seconds * 500);
  await sink.resetLatency();
  const from = { at: performance.now(), got: (await sink.report()).received };
  await delay(offered.seconds * 1000);
  const to = { at: performance.now(), got: (await sink.report()).received };
  const latency = await sink.latency();
  await source.stop();
  const after = await settled(lab);
  return {
    latency,
    lostShare:
      ((after.drops['NETEM_LOSS'] ?? 0) - (before.drops['NETEM_LOSS'] ?? 0)) / (after.tx - before.tx),
    bits: ((to.got - from.got) * (offered.size - FCS) * 8000) / (to.at - from.at),
    lateness: after.lateness ?? null,
    unaccounted: unaccounted(after),
    stats: after,
  };
}

async function set(lab: TrafficLab, impair: object | null): Promise<void> {
  const { status, body } = await lab.rest('PATCH', '/v1/links/sink', { impair: { reverse: impair } });
  if (status !== 200) throw new Error(`PATCH of the link: ${JSON.stringify(body)}`);
}

async function statsOf(lab: TrafficLab): Promise<LinkDirectionStats> {
  return (await lab.rest('GET', '/v1/links/sink/stats')).body.reverse;
}

/** Once nothing is under way. */
async function settled(lab: TrafficLab): Promise<LinkDirectionStats> {
  const deadline = performance.now() + 5000;
  for (;;) {
    const stats = await statsOf(lab);
    if (stats.queue === 0 || performance.now() > deadline) return stats;
    await delay(20);
  }
}

function unaccounted({ tx, rx, drops, queue, impair }: LinkDirectionStats): number {
  return tx + (impair?.duplicated ?? 0) - rx - queue - Object.values(drops).reduce((sum, n) => sum + n, 0);
}
