/** The report as a page. */
import { bootstrap95, median, spread } from '../statistics.ts';
import type { Machine } from './machine.ts';
import type { Outcome } from './outcome.ts';
import { type Account, type Figure, type Grid, type Skip, unaccounted } from './trial.ts';
import type { Judged, JudgedRow } from './verdict.ts';

export interface Report {
  readonly machine: Machine;
  readonly quick: boolean;
  readonly seconds: number;
  readonly stealPercent: number;
  readonly table: readonly JudgedRow[];
  readonly outcomes: readonly Outcome[];
}

export function toMarkdown(report: Report): string {
  return `${[head(report), reach(report.table), notRun(report.outcomes), ...report.outcomes.map(section)]
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}

function head({ machine, quick, seconds, stealPercent }: Report): string {
  const commit = `${machine.commit}${machine.dirty ? ' with changes that are not committed' : ''}`;
  return [
    '# What it does a second',
    '',
    `Made by \`npm run bench${quick ? ' -- --quick' : ''}\` at commit ${commit}, ${machine.date}, in ${Math.round(seconds)} s.`,
    '',
    `Machine: ${machine.cores} x ${machine.cpu}, ${machine.memoryGib} GiB, Linux ${machine.kernel}, Node ${machine.node}; ` +
      `load average before: ${machine.loadBefore.toFixed(2)}; stolen by the hypervisor: ${stealPercent.toFixed(1)} %.`,
    '',
    'Figures are medians of the rounds, with least and most. They are of this machine in these minutes: compare what stands',
    'in one report, never a figure of one day with one of another. What other programs took of the machine is told with each',
    'trial: where it is more than a few percent, rates and latencies are of them as much as of us.',
  ].join('\n');
}

function reach(rows: readonly JudgedRow[]): string {
  if (rows.length === 0) return '';
  const lines = rows.flatMap(({ what, conditions }) =>
    conditions.map((judged, i) => [i === 0 ? what : '', ...reachCells(judged)]),
  );
  const heads = ['what', 'bar', 'stretch', 'measured', 'beside it, same run', 'verdict'];
  return `## What to reach\n\n${table(heads, lines)}\n\n${summary(rows)}`;
}

function reachCells({ condition, figure, verdict, rivals }: Judged): string[] {
  const sign = condition.is === 'at least' ? '>=' : '<=';
  const shown = verdict === 'falls short' || verdict === 'not measured' ? `**${verdict}**` : verdict;
  return [
    `${sign} ${short(condition.bar)} ${condition.unit}`,
    `${sign} ${short(condition.stretch)}`,
    figure === null ? '-' : measured(figure),
    rivals.length === 0 ? '-' : rivals.map((rival) => `${rival.label}: ${measured(rival)}`).join('; '),
    shown,
  ];
}

function summary(rows: readonly JudgedRow[]): string {
  const count = (verdict: string) => rows.filter((row) => row.verdict === verdict).length;
  return (
    `Of ${rows.length} rows ${count('stretch met')} meet the stretch, ${count('met')} the bar; ` +
    `${count('falls short')} fall short, ${count('not measured')} were not measured.`
  );
}

function notRun(outcomes: readonly Outcome[]): string {
  const skips = outcomes.flatMap(({ skip, result }) => [
    ...(skip === null ? [] : [skip]),
    ...(result?.skips ?? []),
  ]);
  if (skips.length === 0) return '';
  const line = ({ what, why, remedy }: Skip) => `- ${what}: ${why}${remedy === '' ? '' : ` (${remedy})`}`;
  return `## Not run\n\n${[...new Set(skips.map(line))].join('\n')}`;
}

function section({
  name,
  title,
  shows,
  status,
  seconds,
  stealPercent,
  foreignPercent,
  result,
  failures,
}: Outcome): string {
  if (status === 'skipped' || status === 'cut') return '';
  const parts = [
    `## ${title}`,
    `\`--only ${name}\`, ${Math.round(seconds)} s, stolen meanwhile: ${stealPercent.toFixed(1)} %, taken by other programs: ${foreignPercent.toFixed(0)} %. ${shows}`,
    failures.length === 0 ? '' : `**Failed**\n\n${failures.map((line) => `- ${line}`).join('\n')}`,
    ...(result?.grids ?? []).map(grid),
    result === null || result.figures.length === 0 ? '' : figures(result.figures),
    ...(result?.plots ?? []).map(({ file, title: text }) => `![${text}](${file}.svg)`),
    accounts(result?.accounts ?? []),
    cpu(result?.cpu ?? []),
    (result?.notes ?? []).map((note) => `- ${note}`).join('\n'),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function grid({ title, head: heads, rows }: Grid): string {
  return `### ${title}\n\n${table(heads, rows)}`;
}

function figures(list: readonly Figure[]): string {
  const rows = list.map((figure) => [
    figure.label,
    measured(figure),
    interval(figure),
    String(figure.samples.length),
    figure.id,
  ]);
  return details(
    'Figures',
    table(['figure', 'median (least to most)', '95 % of the median', 'rounds', 'id'], rows),
  );
}

/** Where the median lies, by resampling the rounds; of few rounds it says nothing. */
function interval({ samples }: Figure): string {
  if (samples.length < 5) return '-';
  return bootstrap95(samples)
    .map((value) => short(value))
    .join(' to ');
}

function accounts(list: readonly Account[]): string {
  if (list.length === 0) return '';
  const rows = list.map((account) => [
    account.what,
    String(account.expected),
    String(account.received),
    String(account.held ?? 0),
    drops(account),
    unaccounted(account) === 0 ? 'yes' : `**no: ${unaccounted(account)}**`,
  ]);
  return details(
    'Accounts',
    table(['frames of', 'to arrive', 'received', 'held', 'dropped', 'adds up'], rows),
  );
}

function drops({ drops: sums }: Account): string {
  const list = Object.entries(sums).filter(([, n]) => n !== 0);
  return list.length === 0 ? '-' : list.map(([reason, n]) => `${reason}: ${n}`).join(', ');
}

function cpu(list: readonly { process: string; seconds: number; wallSeconds: number }[]): string {
  if (list.length === 0) return '';
  const rows = list.map(({ process, seconds, wallSeconds }) => [
    process,
    seconds.toFixed(2),
    wallSeconds.toFixed(2),
    `${((seconds / wallSeconds) * 100).toFixed(0)} %`,
  ]);
  return details('CPU-seconds', table(['process', 'CPU s', 'wall s', 'of a core'], rows));
}

/** Folded away on the web, plain elsewhere. */
function details(title: string, text: string): string {
  return `<details><summary>${title}</summary>\n\n${text}\n\n</details>`;
}

export function measured({ samples, unit }: Figure): string {
  const text = samples.length === 1 ? short(samples[0]!) : spread(samples, digitsFor(median(samples)));
  return `${text} ${unit}`;
}

/** Three figures or so. */
function digitsFor(value: number): number {
  const size = Math.abs(value);
  if (size >= 100) return 0;
  if (size >= 10) return 1;
  return size >= 0.1 || size === 0 ? 2 : 4;
}

function short(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  return value.toFixed(digitsFor(value));
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
