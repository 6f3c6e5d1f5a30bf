/** The forwarding database and the ports of a LAN by REST, and what each setting does to traffic. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

const FDB = '/v1/lans/office/fdb';
const NOBODY = '02:00:00:00:00:99';

let lab: Up;
const macs: Record<string, string> = {};

beforeAll(async () => {
  lab = await up('examples/three-hosts.yaml');
  for (const node of ['h1', 'h2', 'h3']) {
    macs[node] = (await lab.rest('GET', `/v1/nodes/${node}/devices/eth0`)).body.address;
  }
});

afterAll(async () => {
  await lab?.stop('SIGKILL').catch(() => {});
});

/** Everybody is known to everybody. */
beforeEach(async () => {
  for (const target of ['h2', 'h3']) expect(await answered('h1', target)).toBe(true);
});

async function pinged(from: string, target: string, timeout: string): Promise<boolean> {
  const { body } = await lab.rest('POST', `/v1/nodes/${from}/ping`, { target, count: 1, timeout });
  return body.received === 1;
}

/** An answer is waited for for long, and silence is not: a machine may be slow. */
const answered = (from: string, target: string) => pinged(from, target, '5s');
const silent = async (from: string, target: string) => !(await pinged(from, target, '300ms'));

async function entry(mac: string | undefined) {
  const { body } = await lab.rest('GET', FDB);
  return (body as { mac: string; ifname: string; state: string }[]).find((each) => each.mac === mac);
}

async function port(node: string, patch?: object) {
  const ports = (await lab.rest('GET', '/v1/lans/office/ports')).body as { port: number; endpoint: string }[];
  const { port: number } = ports.find(({ endpoint }) => endpoint === `${node}:eth0`)!;
  if (patch === undefined) return ports.find(({ endpoint }) => endpoint === `${node}:eth0`)!;
  const { status, body } = await lab.rest('PATCH', `/v1/lans/office/ports/${number}`, patch);
  expect([status, body]).toEqual([200, expect.objectContaining(patch)]);
  return body;
}

const forget = (mac: string | undefined) => lab.rest('DELETE', `${FDB}?mac=${mac}`);

test('a static entry is listed and goes again; to delete what is not there is ENOENT', async () => {
  const added = await lab.rest('POST', FDB, { mac: NOBODY, ifname: 'h2:eth0' });
  expect(added).toMatchObject({ status: 201, body: { mac: NOBODY, ifname: 'h2:eth0', state: 'static' } });
  expect(await entry(NOBODY)).toMatchObject({ ifname: 'h2:eth0', state: 'static' });
  expect((await forget(NOBODY)).status).toBe(204);
  expect(await entry(NOBODY)).toBeUndefined();
  expect(await forget(NOBODY)).toMatchObject({ status: 404, body: { code: 'ENOENT' } });
});

test('a permanent entry has the last word on where a station is, until it is deleted', async () => {
  await lab.rest('POST', FDB, { mac: macs['h1'], ifname: 'h3:eth0', state: 'permanent' });
  expect(await silent('h1', 'h2')).toBe(true);
  expect(await entry(macs['h1'])).toMatchObject({ ifname: 'h3:eth0', state: 'permanent' });
  expect((await forget(macs['h1'])).status).toBe(204);
  expect(await answered('h1', 'h2')).toBe(true);
});

test('isolated ports do not reach each other, and reach the others', async () => {
  await port('h1', { isolated: true });
  expect(await answered('h1', 'h2')).toBe(true);
  await port('h2', { isolated: true });
  expect([await silent('h1', 'h2'), await answered('h1', 'h3')]).toEqual([true, true]);
  expect(await port('h1')).toMatchObject({ counters: { drops: { ISOLATED: expect.any(Number) } } });
  for (const node of ['h1', 'h2']) await port(node, { isolated: false });
  expect(await answered('h1', 'h2')).toBe(true);
});

test('a port that does not learn leaves its stations unknown, and they are still reached', async () => {
  await port('h1', { learning: false });
  expect((await forget(macs['h1'])).status).toBe(204);
  expect(await answered('h1', 'h2')).toBe(true);
  expect(await entry(macs['h1'])).toBeUndefined();
  await port('h1', { learning: true });
  expect(await answered('h1', 'h2')).toBe(true);
  expect(await entry(macs['h1'])).toMatchObject({ ifname: 'h1:eth0', state: '' });
});

test('a port without flood is not sent what is for a station nobody knows', async () => {
  await port('h2', { flood: false });
  // Why again and again: h2 may speak by itself just then, and is known.
  await until('h2 is not reached', async () => {
    await forget(macs['h2']);
    return silent('h1', 'h2');
  });
  await port('h2', { flood: true });
  expect(await answered('h1', 'h2')).toBe(true);
});
