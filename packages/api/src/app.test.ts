import type { FastifyInstance } from 'fastify';
import { beforeEach, describe, expect, test } from 'vitest';
import { createApi } from './app.ts';
import { memoryServices } from './memory-services.ts';

const lab = {
  name: 'two',
  nodes: { h1: { devices: { eth0: { mtu: 1400 } } }, h2: { devices: { eth0: {} } } },
  lans: { office: {} },
  links: [{ name: 'cable', endpoints: ['h1:eth0', 'lan:office'], impair: { forward: { delay: '10ms' } } }],
};

let app: FastifyInstance;
beforeEach(async () => {
  app = await createApi({ services: memoryServices() });
  await call('PUT', '/v1/lab', lab);
});

type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';

async function call(method: Method, url: string, payload?: object | string, type?: string) {
  const headers = type === undefined ? {} : { 'content-type': type };
  const answer = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  const body = answer.body === '' ? undefined : JSON.parse(answer.body);
  return { status: answer.statusCode, type: answer.headers['content-type'], headers: answer.headers, body };
}

const json = 'application/json';

describe('what is asked for is done:', () => {
  test('the lab reads back resolved, with numbers for units', async () => {
    const { status, body } = await call('GET', '/v1/lab');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'two',
      nodes: { h2: { stack: 'user' } },
      lans: { office: { ageing: 300 } },
    });
    expect(body.links[0].impair.forward.delay).toBe(0.01);
  });

  test('a body may begin with a byte order mark', async () => {
    const text = '\ufeff{"name": "attic", "ageing": "5min"}';
    expect((await call('POST', '/v1/lans', text, json)).body).toMatchObject({ name: 'attic', ageing: 300 });
  });

  test('a lab may come as YAML', async () => {
    const yaml = 'name: from-yaml\nnodes:\n  h1: { devices: { eth0: } }\n';
    const { status, body } = await call('PUT', '/v1/lab', yaml, 'application/yaml; charset=utf-8');
    expect([status, body.lab]).toEqual([200, 'from-yaml']);
    expect((await call('GET', '/v1/nodes/h1')).body.devices).toEqual(['eth0']);
  });

  test('the same lab again changes nothing', async () => {
    expect((await call('PUT', '/v1/lab', lab)).body.changes).toEqual([]);
  });

  test('a dry run returns the plan and changes nothing', async () => {
    const { body } = await call('PUT', '/v1/lab?dryRun=true', { name: 'other' });
    expect(body).toMatchObject({ dryRun: true, changes: [{ op: 'change' }] });
    expect((await call('GET', '/v1/lab')).body.name).toBe('two');
  });

  test('a patch of a device changes what it names and resets nothing', async () => {
    const patched = await call('PATCH', '/v1/nodes/h1/devices/eth0', { ifalias: 'uplink' });
    expect(patched.body).toMatchObject({ ifname: 'eth0', mtu: 1400, ifalias: 'uplink' });
    expect((await call('PATCH', '/v1/nodes/h1/devices/eth0', {})).body).toEqual(patched.body);
  });

  test('a patch of one impairment leaves the others', async () => {
    const impair = { forward: { loss: '1%' }, reverse: { rate: '1mbit' } };
    const { body } = await call('PATCH', '/v1/links/cable', { impair });
    expect(body).toMatchObject({
      carrier: true,
      impair: { forward: { delay: 0.01, loss: 0.01 }, reverse: { rate: 1e6 } },
    });
  });

  test('what is created answers 201, what is deleted 204 and then 404', async () => {
    expect((await call('POST', '/v1/lans', { name: 'attic', ageing: '5min' })).body.ageing).toBe(300);
    expect((await call('DELETE', '/v1/lans/attic')).status).toBe(204);
    expect((await call('DELETE', '/v1/lans/attic')).body).toMatchObject({ status: 404, code: 'ENOENT' });
  });

  test('health needs nothing, readiness says what it waits for', async () => {
    expect((await call('GET', '/healthz')).status).toBe(200);
    const { status, headers, body } = await call('GET', '/readyz');
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(body.detail).toContain('node h1 has not connected');
  });
});

// biome-ignore format: one case a line
describe('bad input gets a problem with its place, and nothing changes:', () => {
  const nodes = { h1: { devices: { eth0: { mac: '02:00:00:00:00:01' } } }, h2: { devices: { eth0: { mac: '02:00:00:00:00:01' } } } };
  const device = '/v1/nodes/h1/devices/eth0';

  test.each([
    ['an unknown key', 'PUT', '/v1/lab', { nodes: { h1: { x: 1 } } }, 400, 'EINVAL', 'nodes.h1.x'],
    ['two devices with one MAC', 'PUT', '/v1/lab', { nodes }, 400, 'EINVAL', 'nodes.h2.devices.eth0.mac'],
    ['an endpoint that does not exist', 'POST', '/v1/links', { endpoints: ['h2:eth0', 'lan:attic'] }, 400, 'EINVAL', 'links[1].endpoints[1]'],
    ['an endpoint plugged in already', 'POST', '/v1/links', { endpoints: ['h1:eth0', 'h2:eth0'] }, 400, 'EINVAL', 'links[1].endpoints[0]'],
    ['a foreign endpoint', 'POST', '/v1/links', { endpoints: ['h2:eth0', 'vde:/x'] }, 400, 'EOPNOTSUPP', 'links[1].endpoints[1]'],
    ['an MTU of 67', 'PATCH', device, { mtu: 67 }, 400, 'EINVAL', 'mtu'],
    ['an MTU of 70000', 'PATCH', device, { mtu: 70_000 }, 400, 'EINVAL', 'mtu'],
    ['a multicast MAC', 'PATCH', device, { address: '01:00:00:00:00:01' }, 400, 'EINVAL', 'address'],
    ['a null where a number belongs', 'PATCH', device, { mtu: null }, 400, 'EINVAL', 'mtu'],
    ['a name with a slash in the body', 'POST', '/v1/nodes', { name: 'a/b' }, 400, 'EINVAL', 'name'],
    ['a name with a slash in the path', 'GET', '/v1/nodes/a%2Fb', undefined, 400, 'EINVAL', 'params.node'],
    ['a name that goes up', 'GET', '/v1/nodes/..%2F..%2Fetc', undefined, 400, 'EINVAL', 'params.node'],
    ['a port that is no number', 'PATCH', '/v1/lans/office/ports/x', {}, 400, 'EINVAL', 'params.port'],
    ['an unknown query', 'GET', '/v1/lab?dryrun=1', undefined, 400, 'EINVAL', 'query.dryrun'],
    ['a query said twice', 'PUT', '/v1/lab?dryRun=true&dryRun=false', {}, 400, 'EINVAL', 'query.dryRun'],
    ['a taken name', 'POST', '/v1/nodes', { name: 'h1' }, 409, 'EEXIST', 'name'],
    ['a list for a body', 'POST', '/v1/lans', [], 400, 'EINVAL', ''],
    ['no body', 'POST', '/v1/lans', undefined, 400, 'EINVAL', ''],
    ['a node that is plugged in', 'DELETE', '/v1/nodes/h1', undefined, 409, 'EBUSY', ''],
    ['a device that is not there', 'GET', '/v1/nodes/h1/devices/eth9', undefined, 404, 'ENODEV', ''],
  ] as const)('%s', async (_, method, url, payload, status, code, path) => {
    const before = (await call('GET', '/v1/lab')).body;
    const answer = await call(method, url, payload);
    expect(answer.type).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status, code, instance: url.split('?')[0], errors: [{ path }] });
    expect(answer.status).toBe(status);
    expect(answer.body.detail).not.toBe('');
    expect((await call('GET', '/v1/lab')).body).toEqual(before);
  });

  test.each([
    ['truncated JSON', json, '{"name":\n  "of', 400, 'the JSON body ends too early, at position 14 (line 2, column 6)'],
    ['broken JSON', json, '{"name": office}', 400, 'the JSON body is not valid, at position 9 (line 1, column 10)'],
    ['a reach for the prototype', json, '{"__proto__": {"x": 1}, "name": "x"}', 400, '"__proto__" is refused'],
    ['a reach for it in disguise', json, '{"__pr\\u006fto__": {"x": 1}, "name": "x"}', 400, '"__proto__" is refused'],
    ['a key said twice', json, '{"name": "a", "ageing": 1, "n\\u0061me": "b"}', 400, 'name: the key is here twice'],
    ['a key said twice deep inside', json, '{"name": ["{", {"a": 1, "b": {"a": 2}, "a": 3}]}', 400, 'name[1].a: the key is here twice'],
    ['a tower of brackets', json, '['.repeat(200_000), 400, 'nested too deeply'],
    ['a constructor', json, '{"constructor": {"prototype": {}}, "name": "x"}', 400, 'constructor: unknown key'],
    ['a form', 'application/x-www-form-urlencoded', 'name=x', 415, 'send JSON'],
    ['YAML where only JSON is taken', 'application/yaml', 'name: x', 415, 'send JSON'],
    ['a body too large', json, JSON.stringify({ name: 'x'.repeat(300_000) }), 413, 'too large'],
  ] as const)('%s', async (_, type, payload, status, text) => {
    const { body } = await call('POST', '/v1/lans', payload, type);
    expect(body).toMatchObject({ status, detail: expect.stringContaining(text) });
    expect((await call('GET', '/v1/lans')).body).toHaveLength(1);
  });

  test('a bad line of YAML, by its number', async () => {
    const yaml = 'name: x\nnodes:\n  h1:\n    devices:\n      eth0:\n        mtuu: 5\n';
    const { body } = await call('PUT', '/v1/lab', yaml, 'application/yaml');
    expect(body.errors).toEqual([{ path: 'nodes.h1.devices.eth0.mtuu', line: 6, message: expect.stringMatching(/^unknown key/) }]);
  });

  test.each([
    ['a path nobody serves', 'GET', '/v1/nope', 404, 'ENOENT'],
    ['a method the path does not take', 'POST', device, 405, 'EOPNOTSUPP'],
    ['a path that is no URL', 'GET', '/v1/nodes/%zz', 400, 'EINVAL'],
    ['a name beyond all length', 'GET', `/v1/nodes/${'x'.repeat(5000)}`, 414, 'ENAMETOOLONG'],
  ] as const)('%s', async (_, method, url, status, code) => {
    expect((await call(method, url)).body).toMatchObject({ status, code });
  });

  test('an answer does not send all of a long path back', async () => {
    const long = ['GET', `/v1/nodes/${'x'.repeat(5000)}`] as const;
    expect(JSON.stringify((await call(...long)).body).length).toBeLessThan(500);
  });

  test.each([
    ['bytes that are no text', { 'content-type': json }, Buffer.from('{"name": "\xff"}', 'latin1'), 400, 'not valid UTF-8'],
    ['a compressed body', { 'content-type': json, 'content-encoding': 'gzip' }, '{"name": "x"}', 415, '"gzip" is not taken'],
  ])('%s', async (_, headers, payload, status, detail) => {
    const answer = await app.inject({ method: 'POST', url: '/v1/lans', headers, payload });
    expect(answer.json()).toMatchObject({ status, code: 'EINVAL', detail: expect.stringContaining(detail) });
  });

  test('a body where none is taken, as what it names would not be looked at', async () => {
    const answer = await call('DELETE', '/v1/links/cable', { dryRun: true });
    expect(answer.body).toMatchObject({ status: 400, code: 'EINVAL', detail: expect.stringContaining('no body') });
    expect((await call('GET', '/v1/links/cable')).status).toBe(200);
    expect((await call('DELETE', '/v1/links/cable', {})).status).toBe(204);
  });

  test('405 says what the path does take', async () => {
    expect((await call('OPTIONS', device)).headers['allow']).toBe('HEAD, GET, PATCH, DELETE');
  });
});

describe('an error that is ours', () => {
  test.each([
    ['without errno', new TypeError('secret detail')],
    [
      'of the operating system',
      Object.assign(new Error('secret detail'), { code: 'ENOENT', syscall: 'open' }),
    ],
    ['that is no error', 'secret detail'],
  ])('%s answers 500 and keeps its detail to the log', async (_, thrown) => {
    const services = memoryServices();
    const broken = { ...services, lab: { ...services.lab, get: () => Promise.reject(thrown) } };
    app = await createApi({ services: broken });
    const { status, body } = await call('GET', '/v1/lab');
    expect([status, body.code]).toEqual([500, 'EIO']);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  test.each([
    ['ENOBUFS', 503],
    ['EPERM', 403],
    ['EBUSY', 409],
    ['ETIMEDOUT', 504],
    ['EWHATEVER', 500],
  ])('%s answers %i', async (code, status) => {
    const services = memoryServices();
    const get = () => Promise.reject(Object.assign(new Error('told'), { code }));
    app = await createApi({ services: { ...services, lab: { ...services.lab, get } } });
    expect((await call('GET', '/v1/lab')).body).toMatchObject({ status, code, detail: 'told' });
  });

  test('a field the schema does not know is not dropped silently', async () => {
    const services = memoryServices();
    const list = () => [{ name: 'x', ageing: 1, ports: 0, colour: 'red' }];
    app = await createApi({ services: { ...services, lans: { ...services.lans, list } } });
    expect((await call('GET', '/v1/lans')).status).toBe(500);
  });
});
