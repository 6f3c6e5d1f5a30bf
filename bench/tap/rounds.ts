/** Rounds over several cables in turn, A B C, B C A ..., so that no cable always comes first or after the same one. */
import type { Cable } from '../rivals/cable.ts';

/** `count` orders of the same things, each beginning one further. */
export function turns<T>(things: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, i) => {
    const first = i % things.length;
    return [...things.slice(first), ...things.slice(0, first)];
  });
}

/** For each cable one result a round, in the order of the cables. */
export async function inRounds<T>(
  cables: readonly Cable[],
  rounds: number,
  measure: (cable: Cable, round: number) => Promise<T>,
): Promise<ReadonlyMap<Cable, readonly T[]>> {
  const found = new Map<Cable, T[]>(cables.map((cable) => [cable, []]));
  for (const [round, order] of turns(cables, rounds).entries()) {
    for (const cable of order) found.get(cable)!.push(await measure(cable, round));
  }
  return found;
}
