import { parseLab } from '@etherloom/schema';
import { expect, test } from 'vitest';
import { checkOpenFiles, openFilesFor } from './open-files.ts';

function labOf(nodes: number, stack = 'user') {
  const names = Array.from({ length: nodes }, (_, i) => `h${i}`);
  return parseLab({
    nodes: Object.fromEntries(names.map((name) => [name, { stack, devices: { eth0: {} } }])),
  });
}

// biome-ignore format: one case a line
test.each([
  ['a socket for the agent and one for the device of each node, and the pipes of 20 processes', labOf(1000), 50, 100 + 2000 + 80],
  ['by itself a lab of 10 has 10 processes', labOf(10), 'auto', 100 + 20 + 40],
  ['one process for each node that has a Linux interface', labOf(10, 'kernel'), 50, 100 + 20 + 40],
] as const)('%s', (_name, lab, perProcess, files) => {
  expect(openFilesFor(lab, perProcess)).toBe(files);
});

test('a limit that is too low is told before anything is started', () => {
  const lab = labOf(1000);
  expect(() => checkOpenFiles(lab, 'lab.yaml', 50, 1024)).toThrow(
    'lab.yaml: 1000 nodes take about 2180 open files in this process, and the limit is 1024: raise it with "ulimit -n 4360" first',
  );
  expect(() => checkOpenFiles(lab, 'lab.yaml', 50, 4096)).not.toThrow();
});
