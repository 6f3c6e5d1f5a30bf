import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { etherloom } from '../support/program.ts';
import { type Up, up } from '../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'etherloom-bad-'));
let lab: Up;

beforeAll(async () => {
  lab = await up('examples/three-hosts.yaml');
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await lab?.stop();
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const two = (h1: string, h2: string, more = '') => `
name: two
nodes:
  h1: { devices: { eth0: { ${h1} } } }
  h2: { devices: { eth0: { ${h2} } } }
${more}`;

// biome-ignore format: one case a line
const labs: [string, string, RegExp][] = [
  ['an unknown key',                  two('ip: 10.0.0.1/24', 'ipp: 10.0.0.2/24'),                        /ipp/],
  ['two devices with one MAC',        two('mac: "02:00:00:00:00:01"', 'mac: "02:00:00:00:00:01"'),       /02:00:00:00:00:01/],
  ['an endpoint that does not exist', two('', '', 'links: [{ endpoints: ["h1:eth0", "lan:nowhere"] }]'), /nowhere/],
  ['a device that does not exist',    two('', '', 'links: [{ endpoints: ["h1:eth0", "h2:eth7"] }]'),     /eth7/],
  ['an MTU of 67',                    two('mtu: 67', ''),                                                /mtu.*68/is],
  ['an MTU of 70000',                 two('mtu: 70000', ''),                                             /mtu.*65535/is],
  ['a multicast MAC',                 two('mac: "01:00:5e:00:00:01"', ''),                               /multicast|unicast/],
  ['a name with a slash',             'name: x\nnodes:\n  "h/1": {}\n',                                  /h\/1/],
  ['a reserved node name',            'name: x\nnodes:\n  lan: {}\n',                                    /lan/],
];

describe('a bad lab', () => {
  test.concurrent.each(labs)(
    'file with %s is refused by up with its file, line and reason, and nothing starts',
    async (what, text, says) => {
      const path = file(`${labs.findIndex(([name]) => name === what)}-bad.yaml`, text);
      const done = await etherloom(['up', path, '--control-port', '0', '--switch-port', '0']);
      expect(done.code).toBe(1);
      expect(done.stderr).toMatch(says);
      expect(done.stderr).toMatch(/bad\.yaml:\d+/);
      expect(done.stderr).not.toMatch(/\n\s+at /);
    },
  );

  test.each(labs)(
    'with %s is refused by PUT with a place and EINVAL, and changes nothing',
    async (_name, text, says) => {
      const before = (await lab.rest('GET', '/v1/lab')).body;
      const { status, body } = await lab.rest('PUT', '/v1/lab', text, { 'content-type': 'application/yaml' });
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'EINVAL', status: 400 });
      expect(JSON.stringify(body)).toMatch(says);
      expect((await lab.rest('GET', '/v1/lab')).body).toEqual(before);
    },
  );
});

// biome-ignore format: one case a line
test.each([
  ['a truncated JSON body',           'PUT',   '/v1/lab',                     '{"name": "x", "nodes":',  400, 'EINVAL'],
  ['an MTU below the minimum',        'PATCH', '/v1/nodes/h1/devices/eth0',   { mtu: 67 },               400, 'EINVAL'],
  ['an MTU above the maximum',        'PATCH', '/v1/nodes/h1/devices/eth0',   { mtu: 70000 },            400, 'EINVAL'],
  ['a multicast address',             'PATCH', '/v1/nodes/h1/devices/eth0',   { address: '01:00:5e:00:00:01' }, 400, 'EINVAL'],
  ['a setting said twice',            'PATCH', '/v1/nodes/h1/devices/eth0',   '{"mtu": 1400, "mtu": 1300}', 400, 'EINVAL'],
  ['a rate tc would make unlimited',  'PATCH', '/v1/links/h1-eth0--office',   { impair: { forward: { rate: '7bit' } } },   400, 'EINVAL'],
  ['a target with too many parts',    'POST',  '/v1/nodes/h1/ping',           { target: 'h2:eth0:x' },   400, 'EINVAL'],
  ['a body where none is taken',      'DELETE', '/v1/nodes/h1/devices/eth0/qdisc', { parent: '1:1' }, 400, 'EINVAL'],
  ['an unknown setting',              'PATCH', '/v1/nodes/h1/devices/eth0',   { mut: 1400 },             400, 'EINVAL'],
  ['a device that is not there',      'GET',   '/v1/nodes/h1/devices/eth9',   undefined,                 404, 'ENODEV'],
  ['a node that is not there',        'GET',   '/v1/nodes/h9',                undefined,                 404, 'ENOENT'],
  ['a LAN that is not there',         'GET',   '/v1/lans/attic/fdb',          undefined,                 404, 'ENOENT'],
  ['a link that is not there',        'PATCH', '/v1/links/attic',             { carrier: false },        404, 'ENOENT'],
  ['a node name with a slash',        'POST',  '/v1/nodes',                   { name: 'h/1' },           400, 'EINVAL'],
  ['a node that exists',              'POST',  '/v1/nodes',                   { name: 'h1' },            409, 'EEXIST'],
  ['a loss of 101 %',                 'PATCH', '/v1/links/h1-eth0--office',   { impair: { forward: { loss: '101%' } } },  400, 'EINVAL'],
  ['a negative delay',                'PATCH', '/v1/links/h1-eth0--office',   { impair: { forward: { delay: '-1ms' } } }, 400, 'EINVAL'],
  ['a delay without a unit we know',  'PATCH', '/v1/links/h1-eth0--office',   { impair: { forward: { delay: '3 weeks' } } }, 400, 'EINVAL'],
])('%s is refused with an errno and a place, and nothing changes', async (_name, method, path, body, status, code) => {
  const before = (await lab.rest('GET', '/v1/lab')).body;
  const answer = await lab.rest(method, path, body);
  expect(answer).toMatchObject({ status, body: { code, status } });
  expect(answer.body.detail.length).toBeGreaterThan(10);
  expect((await lab.rest('GET', '/v1/lab')).body).toEqual(before);
});

// biome-ignore format: one case a line
test.each([
  ['a method nobody knows',     'FROB /v1/lab HTTP/1.1\r\nHost: localhost\r\n\r\n',                            400, 'EINVAL'],
  ['a handshake of TLS',        '\x16\x03\x01\x00\x05hello',                                                400, 'EINVAL'],
  ['headers beyond all length', `GET /v1/lab HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'EMSGSIZE'],
])('%s is no request, and is told so as every other problem', async (_name, bytes, status, code) => {
  const socket = connect(Number(new URL(lab.url).port), '127.0.0.1').end(bytes);
  let answer = '';
  for await (const data of socket) answer += data;
  expect(answer).toMatch(/^HTTP\/1\.1 \d+ .*\r\ncontent-type: application\/problem\+json/);
  expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ status, code });
});

test('a second node with the name of a connected one is refused and says so', async () => {
  const done = await etherloom(['node', '--name', 'h1', '--control', lab.url.replace('http', 'ws')]);
  expect(done.code).toBe(1);
  expect(done.stderr + done.stdout).toMatch(/h1/);
  expect(done.stderr + done.stdout).toMatch(/EEXIST|already/);
});

test('a port in use is named, and the exit code is 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = String(address !== null && typeof address === 'object' ? address.port : 0);
  for (const flag of ['--control-port', '--switch-port']) {
    const other = flag === '--control-port' ? '--switch-port' : '--control-port';
    const done = await etherloom(['up', 'examples/three-hosts.yaml', flag, port, other, '0']);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain(port);
    expect(done.stderr).toContain(flag);
  }
  taken.close();
});

describe('a data WebSocket', () => {
  async function spoken(send: (socket: WebSocket) => void): Promise<{ code: number; reason: string }> {
    const socket = new WebSocket(lab.dataUrl, 'etherloom.v1', { perMessageDeflate: false });
    await once(socket, 'open');
    const hello = {
      type: 'hello',
      node: 'x',
      device: 'eth0',
      mac: '02:00:00:00:00:99',
      mtu: 1500,
      epoch: 'e',
      tx: 0,
      rx: 0,
      up: true,
      features: [],
    };
    socket.send(JSON.stringify(hello));
    await once(socket, 'message');
    const closed = once(socket, 'close');
    send(socket);
    const [code, reason] = await closed;
    return { code, reason: reason.toString() };
  }
  const record = (length: number, body: number) => {
    const bytes = Buffer.alloc(4 + body);
    bytes.writeUInt32BE(length);
    return bytes;
  };

  // biome-ignore format: one case a line
  test.each([
    ['that is not a whole number of records', record(60, 40),        1007, /record/i],
    ['with a record longer than allowed',     record(70_000, 70_000), 1009, /65|long/i],
    ['with half a length',                    Buffer.from([0, 0]),   1007, /record/i],
  ])('message %s closes that socket with a code and a reason, and no other', async (_name, bytes, code, reason) => {
    const end = await spoken((socket) => socket.send(bytes));
    expect(end.code).toBe(code);
    expect(end.reason).toMatch(reason);
    const ping = await lab.rest('POST', '/v1/nodes/h1/ping', { target: '10.0.0.2', count: 1 });
    expect(ping.body.received).toBe(1);
  });

  test('text that is no control message closes the socket with a reason', async () => {
    const end = await spoken((socket) => socket.send('{"type":"nonsense"}'));
    expect(end.code).toBeGreaterThanOrEqual(1002);
    expect(end.reason.length).toBeGreaterThan(5);
  });
});
