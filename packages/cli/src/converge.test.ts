import { expect, test } from 'vitest';
import type { Connection } from './connect.ts';
import { converge } from './converge.ts';
import { Progress } from './output.ts';

const quiet = () => new Progress({ isTTY: false, write: () => true });
const lab = (waiting: () => string[]) => ({ waiting: async () => waiting() }) as Connection;

test('a lab that does not get there in time is given up, with all it waits for', async () => {
  const never = converge(
    lab(() => ['node h1 is not connected', 'link c1 does not exist']),
    0,
    quiet(),
  );
  await expect(never).rejects.toThrow(
    'the lab has not converged within 0 s: node h1 is not connected; link c1 does not exist',
  );
});

test('it is asked again until nothing is missing', async () => {
  const answers = [['node h1 is not connected'], []];
  await converge(
    lab(() => answers.shift()!),
    60,
    quiet(),
  );
  expect(answers).toEqual([]);
});
