import { setTimeout as delay } from 'node:timers/promises';

/** Asks again until the answer is truthy; throws with the last error or answer when `seconds` have passed. */
export async function until<T>(
  what: string,
  ask: () => Promise<T> | T,
  seconds = 60,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(
        `${what}: not within ${seconds} s; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
        {
          cause: last,
        },
      );
    }
    await delay(50);
  }
}
