/** Everything a peer with the token can say to get a lab down: it costs that peer its connection, and nobody else anything. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { makeCertificates } from '../support/certificates.ts';
import { etherloom } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

let lab: Up;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  lab = await up('examples/three-hosts.yaml');
});

/** The lab goes on: the same process, frames across it, true counters, and no stack in what it wrote. */
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  expect(lab.program.child.exitCode).toBe(null);
  await until('h1 reaches h2 again', async () => {
    const ping = { target: 'h2', count: 2, interval: '10ms' };
    return (await lab.rest('POST', '/v1/nodes/h1/ping', ping)).body.received === 2;
  });
  await until('h2 has its port again', async () => {
    return (await lab.rest('GET', '/v1/links/h2-eth0--office/stats')).body.balanced;
  });
  expect(lab.program.output).not.toMatch(/\n\s+at /);
});

afterAll(async () => {
  await lab?.stop();
});

async function dial(url: string, protocol: string): Promise<WebSocket> {
  const socket = new WebSocket(url, protocol, { perMessageDeflate: false });
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'open');
  return socket;
}

const dialAgent = () => dial(`${lab.url.replace('http', 'ws')}/v1/agent`, 'etherloom.agent.v1');

function dialData(): Promise<WebSocket> {
  return dial(lab.dataUrl, 'etherloom.v1');
}

const helloOf = (node: string, more: object = {}) =>
  JSON.stringify({
    type: 'hello',
    node,
    device: 'eth0',
    mac: '02:00:00:00:00:99',
    mtu: 1500,
    epoch: 'hostile',
    tx: 0,
    rx: 0,
    up: true,
    features: [],
    ...more,
  });

/** A node of no lab that answers each request of control with `answer`, as text. */
async function fakeNode(name: string, answer: (id: number, method: string) => string): Promise<void> {
  const socket = await dialAgent();
  let asked = 0;
  socket.on('message', (data) => {
    const { id, method } = JSON.parse(data.toString());
    if (method === undefined) return;
    asked++;
    socket.send(answer(id, method));
  });
  const params = { role: 'node', name, version: '1', pid: 1 };
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'agent.hello', params }));
  await until(`${name} is asked`, () => asked > 0);
}

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('an agent', () => {
  // biome-ignore format: one case a line
  test.each([
    ['an error whose text cannot be a string', (id: number) => `{"jsonrpc":"2.0","id":${id},"error":{"message":{"toString":1,"valueOf":1}}}`, [502]],
    ['no object where one is due',             (id: number) => `{"jsonrpc":"2.0","id":${id},"result":5}`,                              [502]],
    ['an error that is no object',             (id: number) => `{"jsonrpc":"2.0","id":${id},"error":"\\u0000"}`,                       [502]],
    ['an errno nobody knows',                  (id: number) => `{"jsonrpc":"2.0","id":${id},"error":{"message":"a\\n  at b","data":{"code":"../x"}}}`, [502]],
  ])('that answers with %s is told of as such, in one line', async (_name, answer, statuses) => {
    await fakeNode('evil', answer);
    const { status, body } = await lab.rest('GET', '/v1/nodes/evil/devices');
    expect(statuses).toContain(status);
    expect(body.detail).not.toMatch(/\n/);
  });

  test('that sends batches and towers beyond all reason is refused each of them', async () => {
    const socket = await dialAgent();
    const answers: string[] = [];
    socket.on('message', (data) => answers.push(data.toString()));
    const bombs = [
      `[${'1,'.repeat(1_000_000)}1]`,
      nested(1_000_000),
      `{"id":${nested(500_000)}}`,
      '{',
      '[]',
      '"',
    ];
    for (const bomb of bombs) socket.send(bomb);
    await until('each is answered', () => answers.length === bombs.length);
    expect(Math.max(...answers.map((text) => text.length))).toBeLessThan(200);
    const closed = once(socket, 'close');
    socket.send(`"${'a'.repeat(5 << 20)}"`);
    expect((await closed)[0]).toBe(1009);
  });
});

describe('a device', () => {
  test('that lies about its counts is refused or not believed', async () => {
    for (const lie of [{ tx: 1.5 }, { rx: 1e300 }, { tx: -1 }, { tx: null }]) {
      const socket = await dialData();
      const closed = once(socket, 'close');
      socket.send(helloOf('h2', lie));
      expect((await closed)[0]).toBe(1007);
    }
    const socket = await dialData();
    socket.on('message', (data) => {
      const { type, id } = JSON.parse(data.toString());
      if (type === 'mark') socket.send(JSON.stringify({ type: 'mark', id, tx: 0, rx: 2 ** 50 }));
    });
    socket.send(helloOf('h2'));
    await once(socket, 'message');
    const { status, body } = await lab.rest('GET', '/v1/links/h2-eth0--office/stats');
    expect([status, body.reverse.rx < 1e6]).toEqual([200, true]);
  });

  test('that never reads costs the others nothing while a third sends without end', async () => {
    const plug = async (node: string) => {
      const socket = await dialData();
      socket.send(helloOf(node));
      await once(socket, 'message');
      return socket;
    };
    // Stopped, so that they do not take their names back.
    const owners = ['h2', 'h3'].map((name) => lab.program.nodes().get(name)!);
    for (const pid of owners) process.kill(pid, 'SIGSTOP');
    let mute = await plug('h3');
    let noisy = await plug('h2');
    const record = Buffer.alloc(1518, 0xff);
    record.writeUInt32BE(1514);
    record[10] = 2; // a station's address, not a group's
    const batch = Buffer.concat(Array.from({ length: 40 }, () => record));
    const stats = async () => (await lab.rest('GET', '/v1/links/h3-eth0--office/stats')).body.reverse;
    const { drops: before } = await stats();
    const dropped = async () => {
      const { drops, queue } = await stats();
      expect(queue).toBeLessThanOrEqual(16_384);
      return ['QUEUE_FRAMES', 'QUEUE_BYTES', 'QUEUE_AGE'].some((name) => drops[name] > (before[name] ?? 0));
    };
    try {
      await until('what it does not read is dropped', async () => {
        // Who does not read does not answer a heartbeat either.
        if (mute.readyState !== WebSocket.OPEN) mute = await plug('h3');
        if (noisy.readyState !== WebSocket.OPEN) noisy = await plug('h2');
        mute.pause();
        for (let i = 0; i < 50; i++) noisy.send(batch);
        await new Promise((sent) => noisy.send(batch, sent));
        return dropped();
      });
    } finally {
      for (const pid of owners) process.kill(pid, 'SIGCONT');
    }
    expect((await lab.rest('GET', '/v1/nodes/h1/devices/eth0')).status).toBe(200);
  });
});

test('a quarter of a megabyte of YAML mistakes is refused while frames go on', async () => {
  const yaml = { 'content-type': 'application/yaml' };
  for (const text of [']'.repeat(250_000), '?\n'.repeat(125_000), '']) {
    const { status, body } = await lab.rest('PUT', '/v1/lab', text, yaml);
    expect([status, body.code]).toEqual([400, 'EINVAL']);
  }
});

describe('a start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'etherloom-hostile-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('with a certificate and a key that do not fit, or are none, ends with one line', async () => {
    const { ca, cert, key } = await makeCertificates(folder, ['127.0.0.1']);
    const rubbish = join(folder, 'rubbish');
    writeFileSync(rubbish, Buffer.from([0, 1, 254, 255]));
    const bad = [
      [ca, key],
      [key, cert],
      [rubbish, key],
      [cert, rubbish],
    ] as const;
    const start = ([cert, key]: (typeof bad)[number]) =>
      etherloom(['control', '--port', '0', '--tls-cert', cert, '--tls-key', key]);
    for (const done of await Promise.all(bad.map(start))) {
      expect([done.code, done.stderr.trim().split('\n').length]).toEqual([1, 1]);
      expect(done.stderr).toMatch(/certificate and key cannot be used/);
    }
  });
});
