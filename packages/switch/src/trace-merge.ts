/** What the workers of a switch have seen, as one: they are of one machine, so their times are of one clock. */
import type { TraceSeen } from '@etherloom/schema';

export function mergeSeen(seen: readonly TraceSeen[]): TraceSeen {
  const frames = new Map(seen.flatMap((each) => each.frames.map((frame) => [frame.id, frame])));
  return {
    ...seen[0]!,
    frames: [...frames.values()],
    events: seen.flatMap(({ events }) => events),
    lost: seen.reduce((sum, { lost }) => sum + lost, 0),
  };
}
