/** `etherloom bench napi`: what this project is about, shown on this machine in a quarter of a minute. */
import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError, fileProblem } from '../cli-error.ts';
import { drawSteps } from '../napi-bench/plot.ts';
import { conclusion, INTRODUCTION, stepTable } from '../napi-bench/report.ts';
import { sweep } from '../napi-bench/sweep.ts';
import { Progress, print, printJson } from '../output.ts';

const HELP = `
With an interrupt for each frame a machine drowns, with NAPI it does not: two processes, real WebSockets, the same
devices that every lab has. Every frame offered is delivered or counted as dropped, or the command fails.

Examples:
  etherloom bench napi
  etherloom bench napi --size 1518 -o big.svg
  etherloom bench napi --rates 100k,1M --seconds 0.3 -j`;

const RATES = '1k,10k,50k,100k,200k,500k,1M,2M';
const MAX_STEPS = 20;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6 };

interface NapiOptions {
  readonly rates: readonly number[];
  readonly seconds: number;
  readonly size: number;
  readonly output: string;
  readonly json?: boolean;
}

export function benchCommand(program: Command): void {
  const bench = program.command('bench').description('measure what this machine can do');
  bench
    .command('napi')
    .description('an interrupt for each frame beside NAPI, as a table and a plot')
    .addOption(
      new Option('--rates <LIST>', 'frames a second to offer').argParser(rates).default(rates(RATES), RATES),
    )
    .addOption(
      new Option('--seconds <S>', 'how long each step is measured').argParser(between(0.05, 60)).default(0.8),
    )
    .addOption(
      new Option('--size <BYTES>', 'of a frame, FCS counted').argParser(between(64, 1518)).default(64),
    )
    .addOption(new Option('-o, --output <FILE>', 'where the plot goes').default('napi.svg'))
    .option('-j, --json', 'print the figures as JSON')
    .addHelpText('after', HELP)
    .action(benchNapi);
}

async function benchNapi({ json, output, ...options }: NapiOptions): Promise<void> {
  checkPlace(output);
  if (json !== true) print(INTRODUCTION);
  const progress = new Progress();
  const steps = await sweep({
    ...options,
    onstep: (mode, rate) =>
      progress.show(`coalescing ${mode}: offering ${rate.toLocaleString('en-US')} frames a second`),
  });
  progress.clear();
  writeFileSync(output, drawSteps(steps));
  if (json === true) printJson(steps);
  else print([...stepTable(steps), conclusion(steps), '', `The plot is in ${output}.`].join('\n'));
}

/** Before the measuring, and not after it. */
function checkPlace(output: string): void {
  try {
    accessSync(dirname(output), constants.W_OK);
  } catch (error) {
    const why = fileProblem(error).replace('no such file', 'no such folder');
    throw new CliError(`-o ${output}: ${why}`, { cause: error });
  }
}

function rates(list: string): number[] {
  const values = list.split(',').map(rate);
  if (values.length <= MAX_STEPS) return values;
  throw new InvalidArgumentError(`It takes at most ${MAX_STEPS} rates.`);
}

function rate(text: string): number {
  const [, digits, unit] = /^(\d{1,8})([kM]?)$/.exec(text) ?? [];
  const value = Number(digits) * (UNITS[unit ?? ''] ?? 1);
  if (value >= 1 && value <= 1e8) return value;
  throw new InvalidArgumentError('It takes frames a second, with commas between: 10k,200k,1M.');
}

function between(least: number, most: number) {
  return (text: string) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It takes a number from ${least} to ${most}.`);
  };
}
