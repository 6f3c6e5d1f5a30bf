/** What the workers of a switch have seen, as one: they are of one machine, so their times are of one clock. */
import type { TraceSeen } from '@etherloom/schema';

/** A worker that began after the trace, or began again, knows nothing of it; throws when none does. */
export function mergeSeen(answers: readonly PromiseSettledResult<TraceSeen>[]): TraceSeen {
  const seen = answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value);
  if (seen.length === 0) throw (answers[0] as PromiseRejectedResult).reason;
  const frames = new Map(seen.flatMap((each) => each.frames.map((frame) => [frame.id, frame])));
  return {
    ...seen[0]!,
    frames: [...frames.values()],
    events: seen.flatMap(({ events }) => events),
    lost: seen.reduce((sum, { lost }) => sum + lost, 0),
  };
}
