/** Runs trials in turn. One that fails or never ends does not lose the others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  /** Seconds that one trial may take. */
  readonly limit?: number;
}

/** The whole bench takes 30 minutes; a trial that takes this long hangs. */
const LIMIT = 600;

export async function runTrials(trials: readonly Trial[], options: RunOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const trial of trials) {
    if (options.interrupt?.aborted) break;
    outcomes.push(await runOne(trial, options));
  }
  return outcomes;
}

async function runOne(trial: Trial, options: RunOptions): Promise<Outcome> {
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
    say(`${name}: ${title}`);
    const result = await runBounded(trial, options);
    const now = readJiffies();
    const others = { stealPercent: stealPercent(jiffies, now), foreignPercent: foreignPercent(jiffies, now) };
    return finish(trial, result, { seconds: seconds(), ...others }, say);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`${name}: FAILED: ${why}`);
    return { ...bare, status: 'failed', seconds: seconds(), failures: [why] };
  }
}

/** In a folder of its own, until it ends, is interrupted, or has taken too long; then nothing of it goes on. */
async function runBounded(trial: Trial, options: RunOptions): Promise<TrialResult> {
  const { quick, say, interrupt, cleanUp, limit = LIMIT } = options;
  const folder = mkdtempSync(join(tmpdir(), 'etherloom-bench-'));
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    const giveUp = (why: string) => {
      cleanUp?.();
      reject(new Error(why));
    };
    const interrupted = () => giveUp('interrupted');
    const timer = setTimeout(() => giveUp(`not over after ${limit} s`), limit * 1000);
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
