import { expect, test } from 'vitest';
import { createApi } from './app.ts';
import { memoryServices } from './memory-services.ts';

const PATH = '/v1/nodes/h1/devices/eth0/qdisc';

async function api() {
  const services = memoryServices();
  const app = await createApi({ services });
  const rest = async (method: 'GET' | 'PUT' | 'PATCH' | 'DELETE' | 'POST', url: string, payload?: object) =>
    (await app.inject({ method, url, ...(payload === undefined ? {} : { payload }) })).json();
  await rest('POST', '/v1/nodes', { name: 'h1', devices: { eth0: {} } });
  return { rest };
}

// biome-ignore format: one rule a line
test.each([
  ['an unknown kind',                'PUT',    PATH,                  { kind: 'warp' },                            'ENOENT'],
  ['adding where one is',            'PUT',    PATH,                  { kind: 'prio', mode: 'add' },               'EEXIST'],
  ['a child of nobody',              'PUT',    PATH,                  { kind: 'pfifo', parent: '9:1' },            'ENOENT'],
  ['changing what is not there',     'PUT',    PATH,                  { kind: 'pfifo', parent: '1:3', mode: 'change' }, 'ENOENT'],
  ['a patch of what is not there',   'PATCH',  PATH,                  { handle: '9:', options: {} },               'ENOENT'],
  ['a patch with another\'s option', 'PATCH',  PATH,                  { options: { target: '5ms' } },              'EINVAL'],
  ['removing what is not there',     'DELETE', `${PATH}?handle=9:`,   undefined,                                   'ENOENT'],
  ['a handle that is none',          'DELETE', `${PATH}?handle=1:2`,  undefined,                                   'EINVAL'],
] as const)('%s is refused as on a node, and changes nothing', async (_what, method, path, body, code) => {
  const { rest } = await api();
  await rest('PUT', PATH, { kind: 'prio', handle: '1:' });
  const before = await rest('GET', PATH);
  expect(await rest(method, path, body)).toMatchObject({ code });
  expect(await rest('GET', PATH)).toEqual(before);
});

test('a tree is kept in the lab; with its root the whole of it goes', async () => {
  const { rest } = await api();
  await rest('PUT', PATH, { kind: 'prio', handle: '1:' });
  await rest('PUT', PATH, { kind: 'netem', parent: '1:2', options: { delay: '5ms' } });
  await rest('PATCH', PATH, { parent: '1:2', options: { delay: { jitter: '1ms' } } });
  const netem = { kind: 'netem', parent: '1:2', options: { delay: { delay: 0.005, jitter: 0.001 } } };
  expect(await rest('GET', PATH)).toMatchObject([{ kind: 'prio', handle: '1:', root: true }, netem]);
  const lab = await rest('GET', '/v1/lab');
  expect(lab.nodes.h1.devices.eth0.qdisc).toMatchObject([{ kind: 'prio' }, netem]);
  expect(await rest('PUT', '/v1/lab', lab)).toMatchObject({ changes: [] });
  expect(await rest('DELETE', PATH)).toMatchObject([{ kind: 'pfifo_fast', handle: '0:' }]);
  expect((await rest('GET', '/v1/lab')).nodes.h1.devices.eth0).not.toHaveProperty('qdisc');
});

test('settings of ethtool and of the link are merged, and a lab with all of them reads back', async () => {
  const { rest } = await api();
  const device = '/v1/nodes/h1/devices/eth0';
  await rest('PATCH', `${device}/ethtool`, { ring: { rx: 64 } });
  expect(await rest('PATCH', `${device}/ethtool`, { ring: { tx: 32 } })).toMatchObject({
    ring: { rx: 64, tx: 32 },
  });
  const settings = { group: 'default', mode: 'dormant', arp: false, altnames: { add: ['a', 'b'] } };
  await rest('PATCH', device, settings);
  expect(await rest('PATCH', device, { altnames: { del: ['a'] } })).toMatchObject({ altnames: ['b'] });
  const lab = await rest('GET', '/v1/lab');
  expect(lab.nodes.h1.devices.eth0).toMatchObject({ group: 0, mode: 'dormant', arp: false, altnames: ['b'] });
  expect(await rest('PUT', '/v1/lab', lab)).toMatchObject({ changes: [] });
});
