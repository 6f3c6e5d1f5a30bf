import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { RpcClient } from './rpc-client.ts';
import type { RpcPeer } from './rpc-peer.ts';
import { type Listening, serve, TOKEN, until } from './testing.ts';

const PROTOCOL = 'etherloom.agent.v1';
const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function serveRpc(accept: (peer: RpcPeer) => void, port = 0): Promise<Listening> {
  const listening = await serve([{ kind: 'rpc', path: '/v1/agent', protocol: PROTOCOL, accept }], { port });
  opened.push(() => listening.close());
  return listening;
}

async function dialled(accept: (peer: RpcPeer) => void): Promise<{ peer: RpcPeer; far: RpcPeer }> {
  let far: RpcPeer | null = null;
  const { url } = await serveRpc((peer) => {
    far = peer;
    accept(peer);
  });
  const client = rpcClient(url);
  await until(() => client.peer !== null && far !== null, 'connected');
  return { peer: client.peer!, far: far! };
}

function rpcClient(url: string): RpcClient {
  const client = new RpcClient({
    url: `${url}/v1/agent`,
    token: TOKEN,
    protocol: PROTOCOL,
    random: Math.random,
  });
  opened.push(() => client.close());
  client.open();
  return client;
}

/** A promise that is kept when the test says so. */
const held = (take: (resolve: (value: unknown) => void) => void) => new Promise(take);

const errno = (code: string) => Object.assign(new Error(`it is ${code}`), { code });

test('both ends call and answer, many at once, each its own answer', async () => {
  const { peer, far } = await dialled((p) => p.handle('double', (params) => 2 * (params as { n: number }).n));
  peer.handle('half', (params) => (params as { n: number }).n / 2);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => peer.call('double', { n })));
  expect(answers).toEqual(Array.from({ length: 50 }, (_, n) => 2 * n));
  expect(await far.call('half', { n: 8 })).toBe(4);
});

test('a handler without a result answers null, and a slow one does not hold up the next', async () => {
  let release: (value: unknown) => void = () => {};
  const { peer } = await dialled((p) => {
    p.handle('slow', () =>
      held((resolve) => {
        release = resolve;
      }),
    );
    p.handle('nothing', () => undefined);
  });
  const slow = peer.call('slow', {});
  expect(await peer.call('nothing', {})).toBe(null);
  release('done');
  expect(await slow).toBe('done');
});

test('what a handler throws arrives as an error with its errno name and text, and never its stack', async () => {
  const { peer } = await dialled((p) => {
    p.handle('sync', () => {
      throw errno('EEXIST');
    });
    p.handle('async', () => Promise.reject(errno('ENODEV')));
    p.handle('odd', () => Promise.reject('a string'));
  });
  await expect(peer.call('sync', {})).rejects.toMatchObject({ code: 'EEXIST', message: 'it is EEXIST' });
  await expect(peer.call('async', {})).rejects.toMatchObject({ code: 'ENODEV' });
  await expect(peer.call('odd', {})).rejects.toMatchObject({ code: 'EIO', message: 'a string' });
  await expect(peer.call('missing', {})).rejects.toMatchObject({ code: 'EOPNOTSUPP', rpcCode: -32601 });
});

test('a call that is not answered ends at its deadline, and a late answer is ignored', async () => {
  let answer: (value: unknown) => void = () => {};
  const { peer } = await dialled((p) => {
    p.handle('never', () =>
      held((resolve) => {
        answer = resolve;
      }),
    );
    p.handle('now', () => 'here');
  });
  await expect(peer.call('never', {}, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  answer(1);
  expect(await peer.call('now', {})).toBe('here');
});

test('a lost connection ends the calls under way, and later ones at once', async () => {
  const { peer, far } = await dialled((p) => p.handle('never', () => new Promise(() => {})));
  const call = peer.call('never', {});
  far.terminate();
  await expect(call).rejects.toMatchObject({ code: 'ECONNRESET' });
  await expect(peer.call('never', {})).rejects.toMatchObject({ code: 'ENOTCONN' });
});

test('a client that lost its server comes back with a new peer', async () => {
  const peers: RpcPeer[] = [];
  const { url } = await serveRpc((peer) => void peers.push(peer));
  const client = rpcClient(url);
  const told: string[] = [];
  client.onconnect = () => void told.push('connect');
  client.ondisconnect = () => void told.push('disconnect');
  await until(() => peers.length === 1 && client.peer !== null, 'connected');
  peers[0]!.terminate();
  await until(() => peers.length === 2 && client.peer !== null, 'connected again');
  expect(told).toEqual(['connect', 'disconnect', 'connect']);
});

test('a client that is refused says why and goes on trying', async () => {
  const { url } = await serveRpc(() => {});
  const failures: string[] = [];
  const client = new RpcClient({
    url: `${url}/v1/agent`,
    token: 'no',
    protocol: PROTOCOL,
    random: Math.random,
  });
  opened.push(() => client.close());
  client.onfailed = (err) => void failures.push(err.message);
  client.open();
  await until(() => failures.length >= 2, 'two refusals');
  expect(failures[0]).toMatch('401');
});

// biome-ignore format: one case a line
test.each([
  ['no JSON',                 '{',                                               { id: null, code: -32700 }],
  ['a number',                '7',                                               { id: null, code: -32600 }],
  ['null',                    'null',                                            { id: null, code: -32600 }],
  ['an empty batch',          '[]',                                              { id: null, code: -32600 }],
  ['no version',              '{"id":1,"method":"x"}',                           { id: 1, code: -32600 }],
  ['a batch of 101',          JSON.stringify(Array(101).fill(1)),                { id: null, code: -32600 }],
  ['deep nesting',            '['.repeat(65) + ']'.repeat(65),                   { id: null, code: -32700 }],
  ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"x"}',          { id: null, code: -32600 }],
  ['a method that is a number', '{"jsonrpc":"2.0","id":2,"method":3}',           { id: 2, code: -32600 }],
  ['params that are a string', '{"jsonrpc":"2.0","id":3,"method":"x","params":"y"}', { id: 3, code: -32600 }],
  ['an unknown method',       '{"jsonrpc":"2.0","id":4,"method":"x"}',           { id: 4, code: -32601 }],
  ['a method named like a built-in', '{"jsonrpc":"2.0","id":5,"method":"__proto__"}', { id: 5, code: -32601 }],
])('%s is answered with the error JSON-RPC has for it, and the connection lives on', async (_name, text, want) => {
  const { url } = await serveRpc((peer) => peer.handle('ok', () => 'fine'));
  const { ws, heard } = await rawClient(url);
  ws.send(text);
  ws.send('{"jsonrpc":"2.0","id":99,"method":"ok"}');
  await until(() => heard.length === 2, 'two answers');
  const error = heard.find((m) => 'error' in m) as { id: unknown; error: { code: number } };
  expect({ id: error.id, code: error.error.code }).toEqual(want);
  expect(heard.find((m) => 'result' in m)).toMatchObject({ id: 99, result: 'fine' });
});

test('a batch is answered as a batch, notifications not at all, and strange responses are ignored', async () => {
  const got: unknown[] = [];
  const { url } = await serveRpc((peer) => {
    peer.handle('note', (params) => void got.push(params));
    peer.handle('ok', () => 'fine');
  });
  const { ws, heard } = await rawClient(url);
  ws.send('{"jsonrpc":"2.0","id":1234,"result":"nobody asked"}');
  ws.send('{"jsonrpc":"2.0","method":"note","params":{"a":1}}');
  ws.send('[{"jsonrpc":"2.0","method":"note","params":{"a":2}},{"jsonrpc":"2.0","id":"b","method":"ok"}]');
  await until(() => heard.length === 1, 'the answer');
  expect(heard[0]).toEqual([{ jsonrpc: '2.0', id: 'b', result: 'fine' }]);
  expect(got).toEqual([{ a: 1 }, { a: 2 }]);
});

// biome-ignore format: one case a line
test.each([
  ['null',                           null,                                      'EPROTO', 'error without text'],
  ['a string',                       'no',                                      'EPROTO', 'error without text'],
  ['a text that cannot be a string', { message: { toString: 1, valueOf: 1 } },  'EPROTO', 'error without text'],
  ['an errno that is none',          { message: 'no', data: { code: 'x\ny' } }, 'EPROTO', 'no'],
  ['data that is no object',         { message: 'no', data: 'EIO' },            'EPROTO', 'no'],
  ['lines and a page of text',       { message: `a\n at b${'c'.repeat(5000)}`, data: { code: 'EBUSY' } }, 'EBUSY', `a at b${'c'.repeat(993)}`],
])('an answer whose error is %s rejects the call with one line and an errno name', async (_name, error, code, message) => {
  let asked: RpcPeer | null = null;
  const { url } = await serveRpc((peer) => {
    asked = peer;
  });
  const { ws } = await rawClient(url);
  ws.on('message', (data) => {
    const { id } = JSON.parse(data.toString());
    ws.send(JSON.stringify({ jsonrpc: '2.0', id, error }));
  });
  await expect(asked!.call('do', {})).rejects.toMatchObject({ code, message });
});

async function rawClient(url: string): Promise<{ ws: WebSocket; heard: Record<string, unknown>[] }> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const ws = new WebSocket(`${url}/v1/agent`, [PROTOCOL], { headers });
  const heard: Record<string, unknown>[] = [];
  ws.on('message', (data) => heard.push(JSON.parse(data.toString())));
  await until(() => ws.readyState === WebSocket.OPEN, 'open');
  return { ws, heard };
}
