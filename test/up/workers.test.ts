import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { etherloom } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'etherloom-workers-'));
const file = join(folder, 'two-lans.yaml');
writeFileSync(
  file,
  `
name: two-lans
nodes:
  a1: { stack: user, devices: { eth0: { ip: 10.0.1.1/24 } } }
  a2: { stack: user, devices: { eth0: { ip: 10.0.1.2/24 } } }
  b1: { stack: user, devices: { eth0: { ip: 10.0.2.1/24 } } }
  b2: { stack: user, devices: { eth0: { ip: 10.0.2.2/24 } } }
lans: { a: {}, b: {} }
links:
  - endpoints: ["a1:eth0", "lan:a"]
  - endpoints: ["a2:eth0", "lan:a"]
  - endpoints: ["b1:eth0", "lan:b"]
  - endpoints: ["b2:eth0", "lan:b"]
`,
);
let lab: Up | undefined;

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  await lab?.stop('SIGKILL').catch(() => {});
});

function workersOf(running: Up): number[] {
  const lines = running.program.commandLines();
  return lines.filter(({ words }) => words.join().includes('shard-worker')).map(({ pid }) => pid);
}

async function reaches(running: Up, node: string, target: string): Promise<boolean> {
  const ping = { target, count: 3, interval: '20ms', timeout: '2s' };
  return (await running.rest('POST', `/v1/nodes/${node}/ping`, ping)).body.received === 3;
}

async function balanced(running: Up, lan: string): Promise<boolean> {
  const links = [1, 2].map((no) => running.rest('GET', `/v1/links/${lan}${no}-eth0--${lan}/stats`));
  return (await Promise.all(links)).every(({ body }) => body.balanced);
}

test('a worker that is killed takes one LAN down for a moment and the other not at all', async () => {
  lab = await up(file, ['--workers', '2']);
  const running = lab;
  const [victim, ...more] = workersOf(running);
  expect(more).toEqual([]);
  expect([await reaches(running, 'a1', '10.0.1.2'), await reaches(running, 'b1', '10.0.2.2')]).toEqual([
    true,
    true,
  ]);
  expect((await running.rest('GET', '/v1/lans/b/fdb')).body).toHaveLength(2);

  process.kill(victim!, 'SIGKILL');
  expect(await reaches(running, 'a1', '10.0.1.2')).toBe(true);
  await until('b1 reaches b2 again', () => reaches(running, 'b1', '10.0.2.2'));
  expect(workersOf(running)).not.toContain(victim);
  expect([await balanced(running, 'a'), await balanced(running, 'b')]).toEqual([true, true]);
  expect((await running.rest('GET', '/readyz')).status).toBe(200);
});

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('after %s no worker is left', async (signal) => {
  lab = await up(file, ['--workers', '2']);
  expect(workersOf(lab)).toHaveLength(1);
  const code = await lab.stop(signal);
  if (signal !== 'SIGKILL') expect(code).toBe(0);
});

test.each([
  ['one worker', file, '1', 'b1', '10.0.2.2'],
  ['one LAN', 'examples/three-hosts.yaml', '8', 'h1', '10.0.0.2'],
])('with %s no process is started', async (_what, labFile, workers, node, target) => {
  lab = await up(labFile, ['--workers', workers]);
  expect(workersOf(lab)).toEqual([]);
  expect(await reaches(lab, node, target)).toBe(true);
});

describe('--workers', () => {
  test.concurrent.each(['0', '-1', '1.5', 'many', '65'])('%s is refused', async (value) => {
    const done = await etherloom(['switch', `--workers=${value}`]);
    expect(done.code).not.toBe(0);
    expect(done.stderr).toMatch(/^etherloom: .*--workers: workers are a whole number from 1 to 64/);
  });

  test('is in the help of switch and up, with its variable', async () => {
    for (const word of ['switch', 'up']) {
      const { stdout } = await etherloom([word, '--help']);
      expect(stdout).toMatch(/--workers <N>[^-]*ETHERLOOM_WORKERS/);
    }
  });
});
