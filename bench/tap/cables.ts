/** Lays all cables of a trial at once, hands them over, and takes them away whatever happens. */
import type { Skip, TrialContext } from '../report/trial.ts';
import { type Cable, layCable } from '../rivals/cable.ts';
import { etherloom } from '../rivals/etherloom.ts';
import type { Rival } from '../rivals/rival.ts';

export interface LaidCables {
  /** Ours is the first. */
  readonly cables: readonly Cable[];
  readonly skips: readonly Skip[];
}

/** A rival that is not installed, or refuses to run here, is skipped by name; ours must run. */
export async function withCables<T>(
  rivals: readonly Rival[],
  ctx: TrialContext,
  work: (laid: LaidCables) => Promise<T>,
): Promise<T> {
  const cables: Cable[] = [];
  const skips: Skip[] = [];
  try {
    for (const rival of rivals) {
      const laid = rival.missing() ?? (await attempt(rival));
      if ('why' in laid) skips.push(laid);
      else cables.push(laid);
    }
    for (const { what, why } of skips) ctx.say(`${what}: not measured: ${why}`);
    return await work({ cables, skips });
  } finally {
    const ended = await Promise.allSettled(cables.map((cable) => cable.close()));
    const failed = ended.find((end) => end.status === 'rejected');
    if (failed !== undefined) ctx.say(`cannot take a cable away: ${failed.reason}`);
  }
}

async function attempt(rival: Rival): Promise<Cable | Skip> {
  try {
    return await layCable(rival);
  } catch (error) {
    if (rival === etherloom) throw error;
    const why = `does not run here: ${error instanceof Error ? error.message : error}`;
    return { what: rival.title, why, remedy: 'its message above says what it lacks' };
  }
}
