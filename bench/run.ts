/**
 * npm run bench: the trials in turn, and a report: Markdown, JSON and plots. It ends with 1 when a trial failed; a bar
 * that is missed is told in the report and is no failure.
 */
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root } from '../test/support/program.ts';
import { killDescendants } from './report/descendants.ts';
import { describeMachine, readJiffies, stealPercent } from './report/machine.ts';
import { type Report, toMarkdown } from './report/markdown.ts';
import { runTrials } from './report/run-trials.ts';
import { rows } from './report/table.ts';
import type { Trial } from './report/trial.ts';
import { judge } from './report/verdict.ts';
import { writeReport } from './report/write-report.ts';
import { sweep } from './rivals/bed.ts';
import { trials } from './trials.ts';

const HELP = `npm run bench -- [OPTIONS]

  --quick           fewer and shorter trials: 3 minutes instead of 30
  --only NAME,...   these trials only
  --budget MINUTES  no more than this in all: what has not ended then is cut, and named in the report; default 30,
                    with --quick 5
  --list            what there is
  --write FOLDER    where the report goes; default docs/bench/DATE, with -quick for a quick one.
                    With --only nothing is written unless this says where: the report is printed
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    budget: { type: 'string' },
    list: { type: 'boolean', default: false },
    write: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Lines of progress begin with the time since the start: " 4:07 ". */
function progress(start: number): (line: string) => void {
  return (line) => {
    const seconds = Math.floor((performance.now() - start) / 1000);
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    say(`${clock.padStart(5)} ${line}`);
  };
}

function budgetSeconds(): number {
  const minutes = Number(options.budget ?? (options.quick ? 5 : 30));
  if (!(minutes > 0)) throw new Error(`--budget takes minutes, not ${options.budget}`);
  return minutes * 60;
}

function chosen(): readonly Trial[] {
  const names = options.only.flatMap((word) => word.split(','));
  const unknown = names.filter((name) => !trials.some((trial) => trial.name === name));
  if (unknown.length > 0) throw new Error(`no trial ${unknown.join(', ')}; --list names them all`);
  return names.length === 0 ? trials : trials.filter(({ name }) => names.includes(name));
}

async function main(): Promise<number> {
  sweep();
  const machine = describeMachine();
  const before = readJiffies();
  const start = performance.now();
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  const outcomes = await runTrials(chosen(), {
    quick: options.quick,
    budget: budgetSeconds(),
    say: progress(start),
    interrupt: interrupt.signal,
    cleanUp: killDescendants,
  });
  if (interrupt.signal.aborted) return 130;
  const report: Report = {
    machine,
    quick: options.quick,
    seconds: (performance.now() - start) / 1000,
    stealPercent: stealPercent(before, readJiffies()),
    table: judge(
      rows,
      outcomes.flatMap(({ result }) => result?.figures ?? []),
    ).filter(({ verdict }) => options.only.length === 0 || verdict !== 'not measured'),
    outcomes,
  };
  const folder =
    options.write ??
    (options.only.length > 0
      ? null
      : join(root, 'docs/bench', `${machine.date}${options.quick ? '-quick' : ''}`));
  if (folder === null) say(`\n${toMarkdown(report)}`);
  else writeReport(folder, report);
  for (const { name, status, seconds } of outcomes)
    say(`${status.padEnd(8)} ${name} (${seconds.toFixed(0)} s)`);
  if (folder !== null) say(`the report is in ${folder}`);
  return outcomes.some(({ status }) => status === 'failed') ? 1 : 0;
}

if (options.help) say(HELP);
else if (options.list) for (const { name, title } of trials) say(`${name.padEnd(24)} ${title}`);
else {
  process.exitCode = await main();
  // What a trial that was given up still waits for must not keep the command.
  setTimeout(() => process.exit(), 10_000).unref();
}
