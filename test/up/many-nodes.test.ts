/** Nodes that share processes: they are as much nodes as those that have one each. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'etherloom-many-'));
let lab: Up;

afterEach(async () => {
  await lab?.stop('SIGKILL').catch(() => {});
});
afterAll(() => rmSync(folder, { recursive: true }));

interface NodeView {
  name: string;
  process?: { pid: number };
}

function document(nodes: number) {
  const names = Array.from({ length: nodes }, (_, i) => `h${i + 1}`);
  return {
    name: 'many',
    nodes: Object.fromEntries(
      names.map((name, i) => [name, { devices: { eth0: { ip: `10.0.0.${i + 1}/24` } } }]),
    ),
    lans: { office: {} },
    links: names.map((name) => ({ endpoints: [`${name}:eth0`, 'lan:office'] })),
  };
}

async function upWith(nodes: number, ...args: string[]): Promise<Up> {
  const file = join(folder, `lab-${nodes}.json`);
  writeFileSync(file, JSON.stringify(document(nodes)));
  return up(file, args);
}

const ready = () =>
  until('the lab converges', async () => (await lab.rest('GET', '/readyz')).status === 200, 60);

const ping = async (from: string, to: string) =>
  (
    await lab.rest('POST', `/v1/nodes/${from}/ping`, {
      target: to,
      count: 2,
      interval: '10ms',
      timeout: '2s',
    })
  ).body.received;

/** Names by the process that hosts them. */
async function processes(): Promise<Map<number, string[]>> {
  const nodes = (await lab.rest('GET', '/v1/nodes')).body as NodeView[];
  const out = new Map<number, string[]>();
  for (const { name, process: host } of nodes) {
    if (host) out.set(host.pid, [...(out.get(host.pid) ?? []), name]);
  }
  return out;
}

test('nodes of one process and of another reach each other, each with devices and counters of its own', async () => {
  lab = await upWith(5, '--nodes-per-process', '3');
  expect([...(await processes()).values()]).toEqual([
    ['h1', 'h2', 'h3'],
    ['h4', 'h5'],
  ]);
  expect(await ping('h1', '10.0.0.2')).toBe(2);
  expect(await ping('h1', '10.0.0.5')).toBe(2);
  const packets = async (node: string) =>
    (await lab.rest('GET', `/v1/nodes/${node}/devices/eth0/stats`)).body.stats64.tx.packets as number;
  const before = { h1: await packets('h1'), h3: await packets('h3') };
  await ping('h1', '10.0.0.2');
  expect(await packets('h1')).toBe(before.h1 + 2);
  expect(await packets('h3')).toBe(before.h3);
  const status = await lab.cli('status');
  expect(status.stdout).toMatch(/5 nodes in 2 processes/);
});

test('a node comes and goes in a process that runs, and the others there never notice', async () => {
  lab = await upWith(5, '--nodes-per-process', '3');
  const before = await processes();
  const put = async (nodes: number) =>
    expect((await lab.rest('PUT', '/v1/lab', document(nodes))).status).toBe(200);
  await put(4);
  await ready();
  expect((await lab.rest('GET', '/v1/nodes/h5')).status).toBe(404);
  expect([...(await processes()).keys()]).toEqual([...before.keys()]);
  await put(7);
  await ready();
  expect([...(await processes()).values()]).toEqual([['h1', 'h2', 'h3'], ['h4', 'h5', 'h6'], ['h7']]);
  expect([...(await processes()).keys()].slice(0, 2)).toEqual([...before.keys()]);
  expect(await ping('h6', '10.0.0.7')).toBe(2);
  const changes = (await lab.rest('GET', '/v1/nodes/h1/devices/eth0')).body.stats64.tx.carrier_changes;
  expect(changes).toBe(1);
});

test('a process that is killed comes back with all of its nodes', async () => {
  lab = await upWith(4, '--nodes-per-process', '2');
  const [victim, other] = [...(await processes()).keys()] as [number, number];
  process.kill(victim, 'SIGKILL');
  await until('h1 and h2 are in a new process', async () => {
    const now = await processes();
    return !now.has(victim) && [...now.values()].some((names) => names.join() === 'h1,h2');
  });
  await ready();
  expect((await processes()).get(other)).toEqual(['h3', 'h4']);
  expect(await ping('h1', '10.0.0.4')).toBe(2);
  expect(await ping('h3', '10.0.0.2')).toBe(2);
});

test('a lab of 60 nodes shares processes by itself, and down leaves none of them', async () => {
  lab = await upWith(60);
  expect([...(await processes()).values()].map((names) => names.length)).toEqual([50, 10]);
  expect(await ping('h1', '10.0.0.60')).toBe(2);
  const links = (await lab.rest('GET', '/v1/links')).body as { ends: { carrier: boolean }[] }[];
  expect(links.flatMap(({ ends }) => ends).filter(({ carrier }) => !carrier)).toEqual([]);
  const down = await lab.cli('down');
  expect(down.code).toBe(0);
  await until('no process is left', () => lab.program.processes().length === 0);
});

test('several nodes in one process by hand: one whose name is taken leaves the others alone', async () => {
  lab = await upWith(1);
  const many = lab.cli('node', '--name', 'h1', '--name', 'y1,y2', '--log-level', 'error');
  await until('y1 and y2 are there', async () => {
    const nodes = (await lab.rest('GET', '/v1/nodes')).body as { name: string; connected: boolean }[];
    return ['h1', 'y1', 'y2'].every((name) => nodes.some((node) => node.name === name && node.connected));
  });
  const hosts = [...(await processes())].find(([, names]) => names.includes('y1'))!;
  expect(hosts[1]).toEqual(['y1', 'y2']);
  process.kill(hosts[0], 'SIGTERM');
  const { code, stderr } = await many;
  expect(code).toBe(0);
  expect(stderr).toMatch(/control does not take it in: node h1 is connected already/);
});
