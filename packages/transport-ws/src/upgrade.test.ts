import { request } from 'node:http';
import { connect } from 'node:net';
import { FailureLimit } from '@etherloom/schema';
import { numberedBatch } from '@etherloom/transport/contract';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { DataSocket } from './data-socket.ts';
import { type Listening, ORIGIN, serve, TOKEN, until } from './testing.ts';

const opened: Listening[] = [];
let accepted: DataSocket[] = [];

afterEach(async () => {
  accepted = [];
  for (const listening of opened.splice(0)) await listening.close();
});

async function serveData(failures?: FailureLimit): Promise<Listening> {
  const accept = (socket: DataSocket) => void accepted.push(socket);
  const listening = await serve(
    [
      { kind: 'data', path: '/v1/data', protocol: 'etherloom.v1', accept },
      { kind: 'raw', path: /^\/raw\/[a-z]+$/, accept },
      { kind: 'rpc', path: '/v1/agent', protocol: 'etherloom.agent.v1', accept: () => {} },
    ],
    failures && { failures },
  );
  opened.push(listening);
  return listening;
}

interface Answer {
  readonly status: number;
  readonly protocol: string | undefined;
  readonly extensions: string | undefined;
}

function ask(url: string, path: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request(`${url.replace('ws', 'http')}${path}`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    });
    req.on('error', reject);
    req.on('response', (res) => {
      res.resume();
      resolve({ status: res.statusCode!, protocol: undefined, extensions: undefined });
    });
    req.on('upgrade', (res, socket) => {
      socket.on('error', () => {});
      socket.destroy();
      resolve({
        status: 101,
        protocol: res.headers['sec-websocket-protocol'],
        extensions: res.headers['sec-websocket-extensions'],
      });
    });
    req.end();
  });
}

const bearer = { authorization: `Bearer ${TOKEN}` };
const v1 = { 'sec-websocket-protocol': 'etherloom.v1' };

// biome-ignore format: one case a line
test.each([
  ['no token',                               '/v1/data', { ...v1 },                                                      401],
  ['a wrong token',                          '/v1/data', { ...v1, authorization: `Bearer ${TOKEN}x` },                   401],
  ['an empty token',                         '/v1/data', { ...v1, authorization: 'Bearer ' },                            401],
  ['the token under another scheme',         '/v1/data', { ...v1, authorization: `Basic ${TOKEN}` },                     401],
  ['the token in the query',                 `/v1/data?token=${TOKEN}`, { ...v1 },                                       401],
  ['the token in a cookie',                  '/v1/data', { ...v1, cookie: `token=${TOKEN}` },                            401],
  ['the token in the header',                '/v1/data', { ...v1, ...bearer },                                           101],
  ['the token with a query besides',         '/v1/data?x=1', { ...v1, ...bearer },                                       101],
  ['the token as a subprotocol',             '/v1/data', { 'sec-websocket-protocol': `etherloom.v1, bearer.${TOKEN}` },  101],
  ['a wrong token as a subprotocol',         '/v1/data', { 'sec-websocket-protocol': 'etherloom.v1, bearer.no' },        401],
  ['a wrong header, a right subprotocol',    '/v1/data', { 'sec-websocket-protocol': `etherloom.v1, bearer.${TOKEN}`, authorization: 'Bearer no' }, 401],
  ['a good origin',                          '/v1/data', { ...v1, ...bearer, origin: ORIGIN },                           101],
  ['an evil origin with a good token',       '/v1/data', { ...v1, ...bearer, origin: 'https://evil.example' },           403],
  ['the origin null',                        '/v1/data', { ...v1, ...bearer, origin: 'null' },                           403],
  ['no subprotocol',                         '/v1/data', { ...bearer },                                                  400],
  ['another subprotocol',                    '/v1/data', { ...bearer, 'sec-websocket-protocol': 'etherloom.v9' },        400],
  ['an unknown path',                        '/v1/nothing', { ...v1, ...bearer },                                        404],
  ['a longer path',                          '/v1/data/x', { ...v1, ...bearer },                                         404],
  ['a raw port without subprotocol',         '/raw/office', { ...bearer },                                               101],
  ['a raw port without token',               '/raw/office', {},                                                          401],
  ['an old protocol version',                '/v1/data', { ...v1, ...bearer, 'sec-websocket-version': '7' },             400],
])('%s is answered as tabled', async (_name, path, headers, status) => {
  const { url } = await serveData();
  const answer = await ask(url, path, headers);
  expect(answer.status).toBe(status);
  expect(accepted.length).toBe(status === 101 ? 1 : 0);
});

test('who has shown too many different wrong tokens waits, even with the right one', async () => {
  let now = 0;
  const { url } = await serveData(new FailureLimit({ allowed: 3, windowMs: 1000, now: () => now }));
  const dial = async (token: string | null) =>
    (await ask(url, '/v1/data', { ...v1, ...(token === null ? {} : { authorization: `Bearer ${token}` }) }))
      .status;
  for (const token of ['old', 'old', 'old', 'old', null, 'guess']) expect(await dial(token)).toBe(401);
  expect(await dial(TOKEN)).toBe(101);
  expect(await dial('another')).toBe(401);
  expect(await dial(TOKEN)).toBe(429);
  now = 1000;
  expect(await dial(TOKEN)).toBe(101);
});

test('only the application subprotocol is echoed, never the token, and compression is refused', async () => {
  const { url } = await serveData();
  const answer = await ask(url, '/v1/data', {
    'sec-websocket-protocol': `bearer.${TOKEN}, etherloom.v1`,
    'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits',
  });
  expect(answer).toEqual({ status: 101, protocol: 'etherloom.v1', extensions: undefined });
});

test('a reason of many bytes is cut between characters, not thrown at whoever closes', async () => {
  const { url } = await serveData();
  const ws = new WebSocket(`${url}/v1/data`, ['etherloom.v1'], { headers: bearer });
  let heard: string | null = null;
  ws.on('close', (_code, reason) => {
    heard = reason.toString();
  });
  await until(() => accepted.length === 1, 'accepted');
  accepted[0]!.close(4403, `x${'é'.repeat(100)}`);
  await until(() => heard !== null, 'closed');
  expect(heard).toBe(`x${'é'.repeat(61)}`);
});

test('a peer that hangs up while it is refused does no harm', async () => {
  const { url } = await serveData();
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('GET /v1/data HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  socket.resetAndDestroy();
  expect((await ask(url, '/v1/data', { ...v1, ...bearer })).status).toBe(101);
});

test('close() ends every socket with its code, and refuses new ones', async () => {
  const { url, router } = await serveData();
  const ws = new WebSocket(`${url}/v1/data`, ['etherloom.v1'], { headers: bearer });
  let code = 0;
  ws.on('close', (c) => {
    code = c;
  });
  await until(() => router.sockets === 1, 'accepted');
  await router.close(1001, 'moving');
  await until(() => code !== 0, 'closed');
  expect([code, router.sockets]).toEqual([1001, 0]);
  expect((await ask(url, '/v1/data', { ...v1, ...bearer })).status).toBe(503);
});

interface Abuse {
  readonly name: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly run: (ws: WebSocket) => void;
  readonly code: number;
}

const fragment = (ws: WebSocket, n: number) => {
  const batch = numberedBatch(1, 60);
  for (let i = 0; i < n; i++) ws.send(batch.subarray(i, i + 1), { fin: false, binary: true });
};
// biome-ignore format: one case a line
const ABUSES: Abuse[] = [
  { name: 'a message in 17 fragments',       path: '/v1/data',    headers: bearer, code: 1008, run: (ws) => fragment(ws, 17) },
  { name: 'a text that is not JSON',         path: '/v1/data',    headers: bearer, code: 1007, run: (ws) => ws.send('{') },
  { name: 'a text that is no UTF-8',         path: '/v1/data',    headers: bearer, code: 1007, run: (ws) => ws.send(Buffer.of(0xff), { binary: false }) },
  { name: 'a control message of no type',    path: '/v1/data',    headers: bearer, code: 1007, run: (ws) => ws.send('{"type":"x"}') },
  { name: 'a hello with a bad MAC',          path: '/v1/data',    headers: bearer, code: 1007, run: (ws) => ws.send('{"type":"hello","mac":"x"}') },
  { name: 'a text of 16 KiB and more',       path: '/v1/data',    headers: bearer, code: 1009, run: (ws) => ws.send(`"${'x'.repeat(16400)}"`) },
  { name: 'a text on a raw port',            path: '/raw/office', headers: bearer, code: 1003, run: (ws) => ws.send('hello') },
];

test.each(ABUSES)('$name closes the socket with $code', async ({ path, headers, run, code }) => {
  const { url } = await serveData();
  const ws = new WebSocket(`${url}${path}`, path === '/v1/data' ? ['etherloom.v1'] : [], { headers });
  let [told, heard] = [0, 0];
  ws.on('close', (c) => {
    told = c;
  });
  await until(() => ws.readyState === WebSocket.OPEN && accepted.length === 1, 'open');
  accepted[0]!.onclose = (c) => {
    heard = c;
  };
  run(ws);
  await until(() => told !== 0 && heard !== 0, 'closed at both ends');
  expect([told, heard]).toEqual([code, code]);
  expect(accepted[0]!.badMessages).toBe(1);
});
