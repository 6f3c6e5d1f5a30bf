/** A lab that changes under `etherloom up`: nodes come and go with the lab file, and their processes with them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command, root, run } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'etherloom-change-'));
const file = join(folder, 'lab.yaml');
let lab: Up;

beforeAll(async () => {
  writeFileSync(file, readFileSync(join(root, 'examples/three-hosts.yaml')));
  lab = await up(file);
});

afterAll(async () => {
  await lab?.stop('SIGKILL').catch(() => {});
  rmSync(folder, { recursive: true });
});

/** The names of the nodes that have a process. */
const running = () => [...lab.program.nodes().keys()].sort();

const carrierChanges = async () =>
  (await lab.rest('GET', '/v1/nodes/h1/devices/eth0')).body.stats64.tx.carrier_changes;

test('a node that is added gets a process, one that is removed loses it, and the others go on', async () => {
  expect(running()).toEqual(['h1', 'h2', 'h3']);
  const before = lab.program.nodes().get('h1');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('h3', 'h4').replace('10.0.0.3', '10.0.0.4'));
  const diff = await lab.cli('diff', file);
  expect([diff.code, diff.stdout]).toEqual([1, expect.stringMatching(/- node h3[\s\S]*\+ node h4/)]);
  const applied = await lab.cli('apply', file);
  expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('+ node h4')]);
  await until('h3 has no process', () => running().join() === 'h1,h2,h4');
  expect((await lab.cli('ping', 'h1', 'h4', '-c', '1')).code).toBe(0);
  expect(lab.program.nodes().get('h1')).toBe(before);
  expect(await carrierChanges()).toBe(1);
  expect((await lab.cli('diff', file)).code).toBe(0);
});

test('a second up on the same ports says which is in use, and the first goes on', async () => {
  const second = await run(process.execPath, [command, 'up', file, '--control-port', new URL(lab.url).port]);
  expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/is in use.*--control-port/) });
  expect((await lab.cli('ping', 'h1', 'h2', '-c', '1')).code).toBe(0);
});
