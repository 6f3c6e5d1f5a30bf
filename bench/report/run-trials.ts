/** Runs trials in turn. One that fails does not lose the others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failuresOf, type Outcome } from './outcome.ts';
import type { Trial, TrialContext, TrialResult } from './trial.ts';

export interface RunOptions {
  readonly quick: boolean;
  readonly say: (line: string) => void;
}

export async function runTrials(trials: readonly Trial[], options: RunOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const trial of trials) outcomes.push(await runOne(trial, options));
  return outcomes;
}

async function runOne(trial: Trial, { quick, say }: RunOptions): Promise<Outcome> {
  const { name, title, shows } = trial;
  const bare = { name, title, shows, result: null, failures: [], skip: null };
  if (quick && !trial.inQuick) {
    const skip = { what: name, why: 'not part of --quick', remedy: `npm run bench -- --only ${name}` };
    return { ...bare, status: 'skipped', seconds: 0, skip };
  }
  const folder = mkdtempSync(join(tmpdir(), 'etherloom-bench-'));
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  try {
    const skip = await trial.missing();
    if (skip !== null) {
      say(`${name}: skipped: ${skip.what}: ${skip.why}`);
      return { ...bare, status: 'skipped', seconds: 0, skip };
    }
    say(`${name}: ${title}`);
    const ctx: TrialContext = { quick, folder, say: (line) => say(`  ${line}`) };
    return finish(trial, await trial.run(ctx), seconds(), say);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`${name}: FAILED: ${why}`);
    return { ...bare, status: 'failed', seconds: seconds(), failures: [why] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function finish(
  { name, title, shows }: Trial,
  result: TrialResult,
  seconds: number,
  say: RunOptions['say'],
): Outcome {
  const failures = failuresOf(result);
  for (const failure of failures) say(`${name}: FAILED: ${failure}`);
  const status = failures.length === 0 ? 'passed' : 'failed';
  return { name, title, shows, status, seconds, result, failures, skip: null };
}
