import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { sweep } from './bed.ts';

test('what a killed run has left is swept away; what is of a run that goes on stays', () => {
  const { pid: dead } = spawnSync('true');
  const of = (pid: number) =>
    [`elb${pid}-vde-`, `etherloom-bench-${pid}-x`].map((name) => join(tmpdir(), name));
  for (const folder of [...of(dead), ...of(process.pid)]) mkdirSync(folder);
  sweep();
  expect(of(dead).map(existsSync)).toEqual([false, false]);
  expect(of(process.pid).map(existsSync)).toEqual([true, true]);
  for (const folder of of(process.pid)) rmSync(folder, { recursive: true });
});
