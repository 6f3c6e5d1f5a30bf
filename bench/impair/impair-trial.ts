/**
 * How true impairments are: what was configured on the link towards the sink against what its frames met, with what the
 * lab itself costs subtracted, and how late the switch says that it was.
 */
import { defineTrial, type Figure } from '../report/trial.ts';
import { spread } from '../statistics.ts';
import { TrafficLab } from '../traffic/traffic-lab.ts';
import { measure, type Offered, type Passed } from './measure.ts';

interface Parameters {
  readonly seconds: number;
  readonly rounds: number;
}

interface Setting {
  readonly id: string;
  readonly label: string;
  readonly impair: object;
  readonly offered: Omit<Offered, 'seconds'>;
  readonly unit: string;
  /** In `unit`. */
  readonly configured: number;
  readonly measured: (passed: Passed, plain: Passed) => number;
}

const EASY = { rate: 500, size: 64 };
const MANY = { rate: 5000, size: 64 };
/** 16 Mbit/s. */
const FAT = { rate: 2000, size: 1004 };

const meanDelay = ({ latency }: Passed, plain: Passed) => (latency.p50 - plain.latency.p50) / 1000;
/** Half of what the middle two thirds span: a deviation that a hiccup of the machine does not move. */
const scatter = ({ latency }: Passed) => (latency.p84 - latency.p16) / 2000;

function delayOf(ms: number): Setting {
  const label = `delay ${ms} ms, median`;
  return {
    id: `delay-${ms}`,
    label,
    impair: { delay: `${ms}ms` },
    offered: EASY,
    unit: 'ms',
    configured: ms,
    measured: meanDelay,
  };
}

const SETTINGS: readonly Setting[] = [
  ...[1, 5, 10, 50, 200].map(delayOf),
  {
    ...{
      id: 'jitter-uniform',
      label: 'jitter ±4 ms uniform, half of the middle 68 %',
      impair: { delay: '10ms', jitter: '4ms' },
    },
    ...{ offered: EASY, unit: 'ms', configured: 4 * 0.68, measured: scatter },
  },
  {
    ...{ id: 'jitter-normal', label: 'jitter 2 ms normal, half of the middle 68 %' },
    impair: { delay: '10ms', jitter: '2ms', distribution: 'normal' },
    ...{ offered: EASY, unit: 'ms', configured: 2 * 0.9945, measured: scatter },
  },
  {
    ...{ id: 'loss', label: 'loss 5 %', impair: { loss: '5%' }, offered: MANY, unit: '%', configured: 5 },
    measured: ({ lostShare }) => lostShare * 100,
  },
  {
    ...{ id: 'loss-bursts', label: 'loss of Gilbert and Elliot, 1 % and 25 %' },
    ...{ impair: { lossGemodel: { p: '1%', r: '25%' } }, offered: MANY, unit: '%', configured: 100 / 26 },
    measured: ({ lostShare }) => lostShare * 100,
  },
  ...[1, 10].map(
    (mbit): Setting => ({
      ...{ id: `rate-${mbit}`, label: `rate ${mbit} Mbit/s`, impair: { rate: `${mbit}mbit`, limit: 50 } },
      ...{ offered: FAT, unit: 'Mbit/s', configured: mbit },
      measured: ({ bits }) => bits / 1e6,
    }),
  ),
  {
    ...{
      id: 'throughput-delay-50',
      label: '16 Mbit/s offered, through delay 50 ms',
      impair: { delay: '50ms' },
    },
    ...{ offered: FAT, unit: 'Mbit/s', configured: 16 },
    measured: ({ bits }) => bits / 1e6,
  },
];

interface Measured {
  readonly setting: Setting;
  readonly values: number[];
  readonly late: { p50: number[]; p99: number[] };
}

function figuresOf({ setting: { id, label, unit, configured }, values, late }: Measured): Figure[] {
  const figures: Figure[] = [
    { id: `impair-${id}`, label, unit, samples: values },
    {
      ...{ id: `impair-${id}-error`, label: `${label}: off by`, unit, better: 'less' },
      samples: values.map((value) => Math.abs(value - configured)),
    },
  ];
  if (late.p99.length > 0) {
    figures.push({
      id: `impair-${id}-late-p99`,
      label: `${label}: late, p99`,
      unit: 'ms',
      samples: late.p99,
      better: 'less',
    });
  }
  return figures;
}

function rowOf({ setting: { label, unit, configured }, values, late }: Measured): string[] {
  const ms = (all: number[]) => (all.length === 0 ? '-' : spread(all, 3));
  return [label, `${configured.toFixed(2)} ${unit}`, spread(values), ms(late.p50), ms(late.p99)];
}

export const impairTrial = defineTrial<Parameters>({
  name: 'impair',
  title: 'Impairments: configured and measured',
  shows: 'Whether delay, jitter, loss and rate are what was asked for, and how late held frames leave.',
  full: { seconds: 1, rounds: 3 },
  quick: { seconds: 0.8, rounds: 1 },
  run: async ({ seconds, rounds }, ctx) => {
    const lab = await TrafficLab.start({ folder: ctx.folder, processes: [['source'], ['sink']] });
    try {
      const all = SETTINGS.map((setting): Measured => ({ setting, values: [], late: { p50: [], p99: [] } }));
      const failures: string[] = [];
      await measure(lab, {}, { ...EASY, seconds }); // code is compiled late
      for (let round = 0; round < rounds; round++) {
        for (const { setting, values, late } of all) {
          const plain = await measure(lab, {}, { ...EASY, seconds: seconds / 2 });
          const passed = await measure(lab, setting.impair, { ...setting.offered, seconds });
          values.push(setting.measured(passed, plain));
          if (passed.lateness !== null) {
            late.p50.push(passed.lateness.p50 * 1000);
            late.p99.push(passed.lateness.p99 * 1000);
          }
          if (passed.unaccounted !== 0)
            failures.push(`${setting.label}: ${passed.unaccounted} frames unaccounted for`);
          ctx.say(
            `${setting.label}: ${values.at(-1)!.toFixed(3)} of ${setting.configured.toFixed(3)} ${setting.unit}`,
          );
        }
      }
      return {
        figures: all.flatMap(figuresOf),
        grids: [
          {
            title: 'Configured and measured',
            head: ['setting', 'configured', 'measured', 'late p50, ms', 'late p99, ms'],
            rows: all.map(rowOf),
          },
        ],
        failures,
        notes: [
          'One way, stamped by the source and read by the sink; the median of a flow without impairments, measured just before, is subtracted.',
          'Late: how much later than due the switch itself says that held frames left, with this setting.',
        ],
      };
    } finally {
      await lab.close();
    }
  },
});
