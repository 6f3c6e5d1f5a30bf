import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('so many run at a time, the others in the order they came, also after one that failed', async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const tasks = [0, 1, 2, 3].map((no) =>
    slots.run(async () => {
      begun.push(no);
      await new Promise<void>((resolve, reject) => {
        ends[no] = (error) => (error === undefined ? resolve() : reject(error));
      });
    }),
  );
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  ends[1]!(new Error('of the task'));
  await expect(tasks[1]).rejects.toThrow('of the task');
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2]);
  ends[0]!();
  await tasks[0];
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[2]!();
  ends[3]!();
  await Promise.all([tasks[2], tasks[3]]);
});
