import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

let lab: Up | undefined;

afterEach(async () => {
  await lab?.stop('SIGKILL').catch(() => {});
});

const processOf = (running: Up, node: string) => running.program.nodes().get(node);

test('a node that is killed comes back by itself: same MAC, same port, and the sums still hold', async () => {
  lab = await up('examples/three-hosts.yaml');
  const { rest } = lab;
  const ping = async () =>
    (await rest('POST', '/v1/nodes/h1/ping', { target: '10.0.0.2', count: 1, timeout: '2s' })).body
      .received === 1;
  const port = async () =>
    (await rest('GET', '/v1/lans/office/ports')).body.find(
      (each: { link: string }) => each.link === 'h2-eth0--office',
    );
  await until('h1 reaches h2', ping);
  const before = { mac: (await rest('GET', '/v1/nodes/h2/devices/eth0')).body.address, port: await port() };

  const victim = processOf(lab, 'h2')!;
  process.kill(victim, 'SIGKILL');
  await until(
    'its port is disabled or it is back',
    async () => (await port()).state === 'disabled' || processOf(lab!, 'h2') !== victim,
  );
  await until('h1 reaches h2 again', ping);

  expect(processOf(lab, 'h2')).not.toBe(victim);
  expect((await rest('GET', '/v1/nodes/h2/devices/eth0')).body.address).toBe(before.mac);
  expect((await port()).port).toBe(before.port.port);
  await until('ready', async () => (await rest('GET', '/readyz')).status === 200);
  expect((await rest('GET', '/v1/links/h2-eth0--office/stats')).body.balanced).toBe(true);
});

test('when up itself is killed its nodes end too', async () => {
  lab = await up('examples/three-hosts.yaml');
  expect(lab.program.processes().length).toBeGreaterThanOrEqual(4);
  lab.program.child.kill('SIGKILL');
  await until('no process is left', () => lab!.program.processes().length === 0);
});

test('down ends a lab that runs in another terminal', async () => {
  lab = await up('examples/three-hosts.yaml');
  const down = await lab.cli('down');
  expect(down.stderr).toBe('');
  expect(down.code).toBe(0);
  await until('no process is left', () => lab!.program.processes().length === 0);
});
