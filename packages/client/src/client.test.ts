import { createApi } from '@etherloom/api';
import { memoryServices } from '@etherloom/api/memory';
import { ROUTES } from '@etherloom/schema';
import { describe, expect, test } from 'vitest';
import { createClient, type FetchLike } from './client.ts';
import { ClientError } from './client-error.ts';

/** A client of a real API; only the network between them is missing. */
async function pair(token?: string) {
  const app = await createApi({ services: memoryServices(), token: 'right' });
  const fetch: FetchLike = async (url, { method, headers, body }) => {
    const target = url.replace('http://control:8080', '');
    const answer = await app.inject({
      method: method as 'GET',
      url: target,
      headers,
      ...(body === undefined ? {} : { payload: body }),
    });
    return { status: answer.statusCode, text: async () => answer.body };
  };
  return createClient({ url: 'ws://control:8080/', token, fetch });
}

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: unknown) => error as ClientError,
  );

test('there is a method for every route', async () => {
  expect(Object.keys(await pair()).sort()).toEqual(Object.keys(ROUTES).sort());
});

test('a call carries params, query and body, and returns what the route does', async () => {
  const client = await pair('right');
  const plan = await client.putLab({
    query: { dryRun: true },
    body: { nodes: { h1: { devices: { eth0: null } } } },
  });
  expect(plan).toMatchObject({ dryRun: true, changes: [{ kind: 'lab' }] });
  await client.putLab({ body: { nodes: { h1: { devices: { 'a#b': {} } } } } });
  const device = await client.patchDevice({ params: { node: 'h1', dev: 'a#b' }, body: { mtu: 1400 } });
  expect(device.mtu).toBe(1400);
  expect(await client.deleteNode({ params: { node: 'h1' } })).toBeUndefined();
  expect(await client.listNodes()).toEqual([]);
});

describe('what goes wrong is a ClientError:', () => {
  test('a problem of the server, with its errno and its places', async () => {
    const client = await pair('right');
    const error = await refusal(client.createNode({ body: { name: 'a/b' } }));
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({ code: 'EINVAL', status: 400, problem: { errors: [{ path: 'name' }] } });
  });

  test('a missing token', async () => {
    expect(await refusal((await pair()).getLab())).toMatchObject({ code: 'EACCES', status: 401 });
  });

  test.each(['', '.', '..'])('%j is no name, and no request is made for another path', async (node) => {
    expect(await refusal((await pair('right')).getNode({ params: { node } }))).toMatchObject({
      code: 'EINVAL',
      status: 0,
    });
  });

  test('an answer that is not from Etherloom', async () => {
    const fetch: FetchLike = async () => ({ status: 502, text: async () => '<h1>Bad Gateway</h1>' });
    const error = await refusal(createClient({ url: 'http://proxy', fetch }).getLab());
    expect(error).toMatchObject({
      code: 'EPROTO',
      status: 502,
      message: expect.stringContaining('check the URL'),
    });
  });

  test('nobody there: the reason is taken from behind "fetch failed"', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:8080'), { code: 'ECONNREFUSED' });
    const fetch: FetchLike = () => Promise.reject(new TypeError('fetch failed', { cause }));
    const error = await refusal(createClient({ url: 'ws://127.0.0.1:8080', fetch }).getLab());
    expect(error).toMatchObject({ code: 'ECONNREFUSED', status: 0 });
    expect(error?.message).toBe(
      'cannot reach control at http://127.0.0.1:8080: connect ECONNREFUSED 127.0.0.1:8080',
    );
  });

  test('no answer in time', async () => {
    const fetch: FetchLike = (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const error = await refusal(createClient({ url: 'http://slow', fetch, timeoutMs: 1 }).getLab());
    expect(error).toMatchObject({ code: 'ETIMEDOUT', status: 0 });
  });
});
