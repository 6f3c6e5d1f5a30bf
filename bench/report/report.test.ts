import { describe, expect, test } from 'vitest';
import { trials } from '../trials.ts';
import { foreignPercent, parseJiffies, stealPercent } from './machine.ts';
import { type Report, toMarkdown } from './markdown.ts';
import type { Outcome } from './outcome.ts';
import { drawPlot } from './plots.ts';
import { judge } from './verdict.ts';

const machine = {
  cpu: 'Some CPU',
  cores: 2,
  memoryGib: 8,
  kernel: '6.1',
  node: '20.20.2',
  commit: 'abc1234',
  dirty: true,
  date: '2026-11-22',
  loadBefore: 0.1,
};
const mpps = { id: 'mpps', label: 'frames a second', unit: 'Mpps', samples: [1, 2, 3] };
const outcome: Outcome = {
  name: 'frames',
  title: 'Frames',
  shows: 'How many.',
  status: 'failed',
  seconds: 3,
  stealPercent: 0.5,
  foreignPercent: 7,
  failures: ['sizes of 64: 1 frames are unaccounted for'],
  skip: null,
  result: {
    figures: [mpps],
    accounts: [{ what: 'sizes of 64', expected: 10, received: 7, drops: { 'switch QUEUE_FRAMES': 2 } }],
    skips: [{ what: 'vde_switch', why: 'not installed', remedy: 'apt install vde2' }],
  },
};
const rows = [
  {
    what: 'frames',
    conditions: [{ figure: 'mpps', is: 'at least', bar: 3, stretch: 6, unit: 'Mpps' } as const],
  },
];
const report: Report = {
  machine,
  quick: false,
  seconds: 3,
  stealPercent: 1.25,
  table: judge(rows, [mpps]),
  outcomes: [outcome],
};

describe('the report', () => {
  const text = toMarkdown(report);

  test('says of what and on what it was made', () => {
    expect(text).toContain('at commit abc1234 with changes that are not committed, 2026-11-22');
    expect(text).toContain('2 x Some CPU, 8 GiB, Linux 6.1, Node 20.20.2');
    expect(text).toContain('stolen by the hypervisor: 1.3 %');
  });

  test('begins with what is to be reached, and says plainly what falls short', () => {
    expect(text.indexOf('## What to reach')).toBeLessThan(text.indexOf('## Frames'));
    expect(text).toContain('| frames | >= 3 Mpps | >= 6 | 2.00 (1.00 to 3.00) Mpps | - | **falls short** |');
  });

  test('shows a failed trial as failed, with the account that does not add up', () => {
    expect(text).toContain('**Failed**');
    expect(text).toContain('| sizes of 64 | 10 | 7 | 0 | switch QUEUE_FRAMES: 2 | **no: 1** |');
  });

  test('names what was not run, and what to install', () => {
    expect(text).toContain('- vde_switch: not installed (apt install vde2)');
  });
});

describe('plots', () => {
  test('are drawn as SVG with their title, as lines or as bars', () => {
    const axes = {
      y: { label: 'ms', log: true },
      series: [
        {
          name: 'ours',
          points: [
            [0, 1],
            [1, 10],
          ] as const,
        },
      ],
    };
    const lines = drawPlot({ file: 'l', title: 'Latency', x: { label: 'load' }, ...axes });
    const bars = drawPlot({
      file: 'b',
      title: 'By size',
      x: { label: 'size', names: ['64', '128'] },
      ...axes,
    });
    expect(lines).toMatch(/^<svg.*Latency.*<\/svg>\s*$/s);
    expect(bars).toMatch(/^<svg.*128.*By size.*<\/svg>\s*$/s);
  });

  test('a bar has its name, however long the names are, and its value', () => {
    const names = Array.from({ length: 5 }, (_, i) => `the quite long name of bar ${i}`);
    const points = names.map((_, i): [number, number] => [i, 1234.5 + i]);
    const svg = drawPlot({
      file: 'n',
      title: 'Names',
      x: { label: '', names },
      y: { label: 'ms' },
      series: [{ name: 'a', points }],
    });
    for (const i of names.keys()) expect(svg).toMatch(new RegExp(`bar ${i}<`));
    expect(svg).toContain('1,240');
  });
});

describe('the machine', () => {
  test('time stolen, and time that other programs took, are told apart from ours', () => {
    const before = parseJiffies(
      'cpu  100 0 100 700 0 0 0 100 5 0\ncpu0 1 2 3\n',
      '1 (a b) S 1 1 1 0 0 0 1 1 1 1 10 10 0 0 20',
    );
    const after = parseJiffies(
      'cpu  150 0 100 740 0 0 0 110 9 0\ncpu0 1 2 3\n',
      '1 (a b) S 1 1 1 0 0 0 1 1 1 1 15 15 10 10 20',
    );
    expect(before).toEqual({ total: 1000, steal: 100, idle: 700, own: 20 });
    expect(stealPercent(before, after)).toBe(10);
    expect(foreignPercent(before, after)).toBe(20);
  });
});

describe('the list of trials', () => {
  test('has no name twice', () => {
    const names = trials.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
