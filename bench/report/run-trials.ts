/** Runs trials in turn. One that fails or never ends does not lose the others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { foreignPercent, readJiffies, stealPercent } from './machine.ts';
import { failuresOf, type Outcome } from './outcome.ts';
import type { Trial, TrialResult } from './trial.ts';

export interface RunOptions {
  readonly quick: boolean;
  readonly say: (line: string) => void;
  /** Ends the trial that runs, and lets none begin. */
  readonly interrupt?: AbortSignal;
  /** Ends what a trial has started that was given up. */
  readonly cleanUp?: () => void;
  /** Seconds that one trial may take; one that takes longer hangs, and has failed. */
  readonly limit?: number;
  /** Seconds for all: the trial that runs when they are over is cut, and none begins after it. */
  readonly budget?: number;
}

/** No trial of the whole bench takes half of this. */
const LIMIT = 600;

/** The machine was too slow for all of the bench. */
class Cut extends Error {}

export async function runTrials(trials: readonly Trial[], options: RunOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const end = performance.now() + (options.budget ?? Number.POSITIVE_INFINITY) * 1000;
  for (const trial of trials) {
    if (options.interrupt?.aborted) break;
    const over = outcomes.at(-1)?.status === 'cut'; // a timer may be a little early by the other clock
    const left = over ? 0 : (end - performance.now()) / 1000;
    outcomes.push(await runOne(trial, { ...options, left }));
  }
  return outcomes;
}

/** `left`: seconds of the budget. */
type Turn = RunOptions & { readonly left: number };

async function runOne(trial: Trial, options: Turn): Promise<Outcome> {
  const { name, title, shows } = trial;
  const { quick, say } = options;
  const bare = {
    name,
    title,
    shows,
    stealPercent: 0,
    foreignPercent: 0,
    result: null,
    failures: [],
    skip: null,
  };
  if (quick && !trial.inQuick) {
    const skip = { what: name, why: 'not part of --quick', remedy: `npm run bench -- --only ${name}` };
    return { ...bare, status: 'skipped', seconds: 0, skip };
  }
  const start = performance.now();
  const jiffies = readJiffies();
  const seconds = () => (performance.now() - start) / 1000;
  try {
    const skip = await trial.missing();
    if (skip !== null) {
      say(`${name}: skipped: ${skip.what}: ${skip.why}`);
      return { ...bare, status: 'skipped', seconds: 0, skip };
    }
    if (options.left <= 0) throw new Cut('not begun: the time of the whole run was over');
    say(`${name}: ${title}`);
    const result = await runBounded(trial, options);
    const now = readJiffies();
    const others = { stealPercent: stealPercent(jiffies, now), foreignPercent: foreignPercent(jiffies, now) };
    return finish(trial, result, { seconds: seconds(), ...others }, say);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof Cut) {
      say(`${name}: CUT: ${why}`);
      const skip = { what: name, why, remedy: `npm run bench -- --only ${name}, or a longer --budget` };
      return { ...bare, status: 'cut', seconds: seconds(), skip };
    }
    say(`${name}: FAILED: ${why}`);
    return { ...bare, status: 'failed', seconds: seconds(), failures: [why] };
  }
}

/** In a folder of its own, until it ends, is interrupted, or has taken too long; then nothing of it goes on. */
async function runBounded(trial: Trial, options: Turn): Promise<TrialResult> {
  const { quick, say, interrupt, cleanUp, limit = LIMIT, left } = options;
  const folder = mkdtempSync(join(tmpdir(), `etherloom-bench-${process.pid}-`));
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    const giveUp = (why: Error) => {
      cleanUp?.();
      reject(why);
    };
    const interrupted = () => giveUp(new Error('interrupted'));
    const late =
      left < limit
        ? new Cut(`after ${left.toFixed(0)} s: the time of the whole run was over`)
        : new Error(`not over after ${limit} s`);
    const timer = setTimeout(() => giveUp(late), Math.min(left, limit) * 1000);
    interrupt?.addEventListener('abort', interrupted);
    stop = () => {
      clearTimeout(timer);
      interrupt?.removeEventListener('abort', interrupted);
    };
  });
  try {
    const ctx = { quick, folder, say: (line: string) => say(`  ${line}`) };
    return await Promise.race([trial.run(ctx), stopped]);
  } finally {
    stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function finish(
  { name, title, shows }: Trial,
  result: TrialResult,
  spent: Pick<Outcome, 'seconds' | 'stealPercent' | 'foreignPercent'>,
  say: RunOptions['say'],
): Outcome {
  const failures = failuresOf(result);
  for (const failure of failures) say(`${name}: FAILED: ${failure}`);
  const status = failures.length === 0 ? 'passed' : 'failed';
  return { name, title, shows, status, ...spent, result, failures, skip: null };
}
