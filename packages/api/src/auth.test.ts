import { ROUTES, type RouteSpec } from '@etherloom/schema';
import { describe, expect, test } from 'vitest';
import { createApi } from './app.ts';
import { memoryServices } from './memory-services.ts';

const TOKEN = 'correct-horse';
const routes: RouteSpec[] = Object.values(ROUTES);

async function statusOf(headers: Record<string, string>, url = '/v1/lab', token: string | undefined = TOKEN) {
  const app = await createApi({ services: memoryServices(), token });
  return (await app.inject({ url, headers })).statusCode;
}

describe('with a token', () => {
  test('every route but the probes asks for it, and so do paths that are none', async () => {
    const app = await createApi({ services: memoryServices(), token: TOKEN });
    const paths = routes.map(({ method, path }) => ({ method, url: path.replaceAll(/\{\w+\}/g, 'x') }));
    const all = [
      ...paths,
      { method: 'GET' as const, url: '/openapi.json' },
      { method: 'GET' as const, url: '/nope' },
    ];
    const free: string[] = [];
    for (const { method, url } of all) {
      const answer = await app.inject({ method, url });
      if (answer.statusCode !== 401) free.push(url);
      else expect(answer.headers['www-authenticate']).toBe('Bearer realm="etherloom"');
    }
    expect(free).toEqual(['/healthz', '/readyz']);
  });

  // biome-ignore format: one case a line
  test.each([
    ['the right one', { authorization: `Bearer ${TOKEN}` }, 200],
    ['the right one, scheme in lower case', { authorization: `bearer ${TOKEN}` }, 200],
    ['a wrong one', { authorization: 'Bearer wrong' }, 401],
    ['a beginning of the right one', { authorization: 'Bearer correct' }, 401],
    ['the right one and more', { authorization: `Bearer ${TOKEN}x` }, 401],
    ['another scheme', { authorization: `Basic ${TOKEN}` }, 401],
    ['none', {}, 401],
    ['a cookie', { cookie: `token=${TOKEN}` }, 401],
    ['the right one for a strange host', { authorization: `Bearer ${TOKEN}`, host: 'lab.example' }, 200],
  ])('%s is answered %o %i', async (_, headers, status) => {
    expect(await statusOf(headers as Record<string, string>)).toBe(status);
  });

  test('a token in the query is no token', async () => {
    expect(await statusOf({}, `/v1/lab?token=${TOKEN}`)).toBe(401);
  });

  test('after ten different wrong tokens an address waits, even with the right one', async () => {
    const app = await createApi({ services: memoryServices(), token: TOKEN });
    const attempt = (token: string, remoteAddress: string) =>
      app.inject({ url: '/v1/lab', headers: { authorization: `Bearer ${token}` }, remoteAddress });
    for (let i = 0; i < 20; i++) expect((await attempt('old', '10.0.0.1')).statusCode).toBe(401);
    for (let i = 1; i < 10; i++) expect((await attempt(`wrong${i}`, '10.0.0.1')).statusCode).toBe(401);
    const refused = await attempt(TOKEN, '10.0.0.1');
    expect([refused.statusCode, Number(refused.headers['retry-after']) > 0]).toEqual([429, true]);
    expect((await attempt(TOKEN, '10.0.0.2')).statusCode).toBe(200);
  });
});

describe('without a token only this machine is served:', () => {
  // biome-ignore format: one case a line
  test.each([
    ['localhost', { host: 'localhost:8080' }, 200],
    ['127.0.0.1', { host: '127.0.0.1:8080' }, 200],
    ['[::1]', { host: '[::1]:8080' }, 200],
    ['a name rebound to this machine', { host: 'evil.example:8080' }, 403],
    ['a name that begins like ours', { host: '127.0.0.1.evil.example' }, 403],
    ['its own page', { host: 'localhost:8080', origin: 'http://localhost:8080' }, 200],
    ['a page from elsewhere', { host: 'localhost:8080', origin: 'http://evil.example' }, 403],
    ['a page of another port', { host: 'localhost:8080', origin: 'http://localhost:3000' }, 403],
    ['a page from nowhere', { host: 'localhost:8080', origin: 'null' }, 403],
  ])('%s', async (_, headers, status) => {
    const app = await createApi({ services: memoryServices() });
    for (const url of ['/v1/lab', '/healthz']) {
      const answer = await app.inject({ url, headers: headers as Record<string, string> });
      expect([url, answer.statusCode]).toEqual([url, status]);
    }
  });

  test('insecure serves any host, and still no page from elsewhere', async () => {
    const app = await createApi({ services: memoryServices(), insecure: true });
    const at = async (headers: Record<string, string>) =>
      (await app.inject({ url: '/v1/lab', headers })).statusCode;
    expect(await at({ host: '10.0.0.1:8080' })).toBe(200);
    expect(await at({ host: '10.0.0.1:8080', origin: 'http://evil.example' })).toBe(403);
  });
});
