/** The ladder: the same bytes from a source to a sink over raw TCP, relays with less and less to do, and our switch. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Account, defineTrial, type Figure, type ProcessCpu } from '../report/trial.ts';
import { median, pairedRatios, spread } from '../statistics.ts';
import type { Rung } from './rung.ts';
import { RUNGS } from './rungs.ts';

interface Parameters {
  readonly sizes: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
}

interface Measured {
  readonly mpps: number[];
  /** CPU nanoseconds a frame of what stands in the middle. */
  readonly cpuNs: number[];
  middleSeconds: number;
  wallSeconds: number;
}

async function oneRound(rung: Rung, into: Measured, seconds: number): Promise<void> {
  await rung.source.ask('start');
  await delay(200);
  const before = {
    got: (await rung.sink.ask('report')).received!,
    cpu: rung.middle(),
    at: performance.now(),
  };
  await delay(seconds * 1000);
  const got = (await rung.sink.ask('report')).received! - before.got;
  const wall = (performance.now() - before.at) / 1000;
  into.mpps.push(got / wall / 1e6);
  if (before.cpu !== null) {
    const cpu = rung.middle()! - before.cpu;
    into.cpuNs.push((cpu * 1e9) / got);
    into.middleSeconds += cpu;
  }
  into.wallSeconds += wall;
  await rung.source.ask('stop');
  await delay(100);
}

async function measureSize(size: number, p: Parameters, folder: string) {
  const opened = await Promise.allSettled(RUNGS.map((spec) => spec.open(size, folder)));
  const rungs = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    for (const one of opened) if (one.status === 'rejected') throw one.reason;
    for (const rung of rungs) {
      await rung.sink.ask('one');
      await delay(50);
      await rung.source.ask('one');
    }
    const measured = rungs.map((): Measured => ({ mpps: [], cpuNs: [], middleSeconds: 0, wallSeconds: 0 }));
    // One round that does not count, since code is compiled late.
    const spare = rungs.map((): Measured => ({ mpps: [], cpuNs: [], middleSeconds: 0, wallSeconds: 0 }));
    for (const [i, rung] of rungs.entries()) await oneRound(rung, spare[i]!, p.seconds);
    for (let round = 0; round < p.rounds; round++)
      for (const [i, rung] of rungs.entries()) await oneRound(rung, measured[i]!, p.seconds);
    const accounts: Account[] = [];
    for (const rung of rungs) {
      const account = await rung.account();
      accounts.push({ ...account, what: `${account.what}, ${size}` });
    }
    return { measured, accounts };
  } finally {
    await Promise.all(rungs.map((rung) => rung.close()));
  }
}

function figuresOf(size: number, measured: readonly Measured[]): Figure[] {
  const tail = size === 64 ? '' : `-${size}`;
  const figures: Figure[] = [];
  for (const [i, { id, label }] of RUNGS.entries()) {
    const { mpps, cpuNs } = measured[i]!;
    figures.push({ id: `ladder-${id}-mpps${tail}`, label: `${label}, ${size}`, unit: 'Mpps', samples: mpps });
    if (cpuNs.length > 0)
      figures.push({
        id: `ladder-${id}-cpu-ns${tail}`,
        label: `${label}, CPU of the middle a frame, ${size}`,
        unit: 'ns',
        samples: cpuNs,
        better: 'less',
      });
  }
  const of = (id: string) => measured[RUNGS.findIndex((rung) => rung.id === id)]!.mpps;
  for (const rival of ['tcp', 'net-relay', 'ws-single-relay', 'ws-batched-relay'])
    figures.push({
      id: `ladder-ours-vs-${rival}${tail}`,
      label: `Etherloom to ${RUNGS.find((rung) => rung.id === rival)!.label}, ${size}`,
      unit: 'times',
      samples: pairedRatios(of('etherloom'), of(rival)),
    });
  return figures;
}

export const ladderTrial = defineTrial<Parameters>({
  name: 'ladder',
  title: 'The ladder: what our switch is measured against on this machine',
  shows:
    'The same bytes from one source to one sink, over raw TCP, a `net` relay, a `ws` relay and our switch, in turn, round by round. Ratios are of rounds that followed each other.',
  full: { sizes: [64, 1518], seconds: 0.9, rounds: 5 },
  quick: { sizes: [64], seconds: 0.4, rounds: 2 },
  run: async (p, ctx) => {
    const figures: Figure[] = [];
    const accounts: Account[] = [];
    const cpu: ProcessCpu[] = [];
    const rows: string[][] = [];
    for (const size of p.sizes) {
      const done = await measureSize(size, p, ctx.folder);
      figures.push(...figuresOf(size, done.measured));
      accounts.push(...done.accounts);
      const ours = done.measured.at(-1)!.mpps;
      for (const [i, { label }] of RUNGS.entries()) {
        const { mpps, cpuNs, middleSeconds, wallSeconds } = done.measured[i]!;
        const ns = cpuNs.length === 0 ? '-' : spread(cpuNs, 0);
        rows.push([String(size), label, spread(mpps), ns, spread(pairedRatios(ours, mpps))]);
        if (cpuNs.length > 0) cpu.push({ process: `${label}, ${size}`, seconds: middleSeconds, wallSeconds });
        ctx.say(`${size} ${label}: ${median(mpps).toFixed(2)} Mpps`);
      }
    }
    return {
      figures,
      accounts,
      cpu,
      grids: [
        {
          title: 'Rungs',
          head: ['size', 'rung', 'Mpps', 'CPU-ns a frame of the middle', 'ours to this, paired'],
          rows,
        },
      ],
      plots: [
        {
          file: 'ladder',
          title: `Frames of ${p.sizes[0]} bytes through each rung`,
          x: { label: '', names: RUNGS.map(({ label }) => label.replaceAll('`', '')) },
          y: { label: 'Mpps' },
          series: [
            {
              name: 'received',
              points: RUNGS.map(({ id }, i): [number, number] => [
                i,
                median(
                  figures.find(
                    (f) => f.id === `ladder-${id}-mpps${p.sizes[0] === 64 ? '' : `-${p.sizes[0]}`}`,
                  )!.samples,
                ),
              ]),
            },
          ],
        },
      ],
      notes: [
        'The sources and sinks of the `ws` rungs and of ours are the same plain `ws` clients, which mask what they send.',
        'A relay looks at nothing and may stop its source; our switch checks, learns and looks up every frame, and drops where a queue is full.',
      ],
    };
  },
});
