import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runTrials } from './run-trials.ts';
import { defineTrial, type TrialResult } from './trial.ts';

const options = { quick: false, say: () => {} };
const figures = [{ id: 'a', label: 'a', unit: 'x', samples: [1] }];
const trial = (name: string, run: () => TrialResult) =>
  defineTrial({ name, title: name, shows: '', full: 5, quick: null, run: async () => run() });
const account = (received: number, held = 0) => ({
  what: 'frames',
  expected: 10,
  received,
  held,
  drops: { 'switch FULL': 2 },
});

describe('running trials', () => {
  test('one that throws is shown as failed, and the next still runs', async () => {
    const broken = trial('broken', () => {
      throw new Error('no such device');
    });
    const outcomes = await runTrials([broken, trial('good', () => ({ figures }))], options);
    expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'passed']);
    expect(outcomes[0]!.failures).toEqual(['no such device']);
  });

  test('frames that are received or dropped by reason add up', async () => {
    const [outcome] = await runTrials([trial('sum', () => ({ figures, accounts: [account(8)] }))], options);
    expect(outcome!.status).toBe('passed');
  });

  test('a frame that nobody accounts for fails the trial, and its figures are still shown', async () => {
    const [outcome] = await runTrials([trial('lossy', () => ({ figures, accounts: [account(7)] }))], options);
    expect(outcome!.status).toBe('failed');
    expect(outcome!.failures).toEqual(['frames: 1 frames are unaccounted for']);
    expect(outcome!.result!.figures).toEqual(figures);
  });

  test('a frame too many, one still held, and a figure that is no number fail it too', async () => {
    const results: TrialResult[] = [
      { figures, accounts: [account(9)] },
      { figures, accounts: [account(7, 1)] },
      { figures: [{ ...figures[0]!, samples: [Number.NaN] }] },
      { figures: [{ ...figures[0]!, samples: [] }] },
    ];
    const outcomes = await runTrials(
      results.map((result, i) => trial(`t${i}`, () => result)),
      options,
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed', 'failed']);
  });

  test('--quick leaves out what has no quick parameters, by name', async () => {
    const [outcome] = await runTrials([trial('long', () => ({ figures }))], { ...options, quick: true });
    expect(outcome!.status).toBe('skipped');
    expect(outcome!.skip!.what).toBe('long');
  });

  test('what this machine cannot run is skipped with what to do about it', async () => {
    const skip = { what: 'vde_switch', why: 'not installed', remedy: 'apt install vde2' };
    const away = defineTrial({
      name: 'vde',
      title: '',
      shows: '',
      full: 1,
      quick: 1,
      missing: () => skip,
      run: async () => ({ figures }),
    });
    const [outcome] = await runTrials([away], options);
    expect(outcome).toMatchObject({ status: 'skipped', skip });
  });

  test('one that never ends is given up with all that it started, and the next still runs', async () => {
    let cleanedUp = 0;
    const cleanUp = () => {
      cleanedUp++;
    };
    const hangs = defineTrial({
      name: 'hangs',
      title: '',
      shows: '',
      full: 1,
      quick: 1,
      run: () => new Promise<never>(() => {}),
    });
    const outcomes = await runTrials([hangs, trial('good', () => ({ figures }))], {
      ...options,
      limit: 0.01,
      cleanUp,
    });
    expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'passed']);
    expect(cleanedUp).toBe(1);
    expect(outcomes[0]!.failures).toEqual(['not over after 0.01 s']);
  });

  test('when the time of all is over, the one that runs is cut and the rest not begun; neither has failed', async () => {
    const hangs = defineTrial({
      name: 'hangs',
      title: '',
      shows: '',
      full: 1,
      quick: 1,
      run: () => new Promise<never>(() => {}),
    });
    let begun = 0;
    const next = trial('next', () => {
      begun++;
      return { figures };
    });
    const outcomes = await runTrials([hangs, next], { ...options, budget: 0.05 });
    expect(outcomes.map(({ status }) => status)).toEqual(['cut', 'cut']);
    expect(outcomes[0]!.skip!.why).toMatch('the time of the whole run was over');
    expect(outcomes[1]!.skip!.why).toMatch('not begun');
    expect(begun).toBe(0);
  });

  test('an interrupt ends the one that runs, and none begins after it', async () => {
    const interrupt = new AbortController();
    const hangs = defineTrial({
      name: 'hangs',
      title: '',
      shows: '',
      full: 1,
      quick: 1,
      run: () => {
        queueMicrotask(() => interrupt.abort());
        return new Promise<never>(() => {});
      },
    });
    const outcomes = await runTrials([hangs, trial('next', () => ({ figures }))], {
      ...options,
      interrupt: interrupt.signal,
    });
    expect(outcomes.map(({ failures }) => failures)).toEqual([['interrupted']]);
  });

  test('the folder of a trial is gone after it', async () => {
    let folder = '';
    const writes = defineTrial({
      name: 'writes',
      title: '',
      shows: '',
      full: 1,
      quick: 1,
      run: async (_, ctx) => {
        folder = ctx.folder;
        writeFileSync(join(folder, 'x'), 'x');
        return { figures };
      },
    });
    await runTrials([writes], options);
    expect(folder).not.toBe('');
    expect(existsSync(folder)).toBe(false);
  });
});
