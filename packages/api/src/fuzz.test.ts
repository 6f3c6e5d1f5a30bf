import { ROUTES, type RouteSpec } from '@etherloom/schema';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createApi } from './app.ts';
import { memoryServices } from './memory-services.ts';

const routes = ROUTES as Record<string, RouteSpec>;
const examples = Object.values(routes).flatMap(({ example }) => (example === undefined ? [] : [example]));

/** Names that hit, that miss, and that should do neither. */
const word = fc.oneof(
  fc.constantFrom(
    'h1',
    'h2',
    'eth0',
    'office',
    'cable',
    '0',
    '1',
    'constructor',
    '__proto__',
    '..',
    '%00',
    '%2e%2e%2f',
    '💥',
  ),
  fc.string({ maxLength: 20 }),
);
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    67,
    1500,
    70_000,
    -1,
    0.5,
    1e308,
    null,
    true,
    '',
    '10ms',
    '0.5%',
    '20mbit',
    'h1:eth0',
    'lan:office',
    'netem',
    'tbf',
    '1:',
    '1:2',
    'root',
  ),
  fc.string({ maxLength: 20 }),
  fc.double(),
);
const KEYS = [
  'name',
  'nodes',
  'devices',
  'lans',
  'links',
  'endpoints',
  'impair',
  'forward',
  'mtu',
  'ip',
  'mac',
  'qdisc',
  'kind',
  'handle',
  'parent',
  'options',
  'delay',
  'ethtool',
  'ring',
  'features',
  'altnames',
  'h1',
  'eth0',
];
const tree = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('any'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), word), tie('any'), { maxKeys: 4 }),
})).any;

/** A body that was good once, with one of its keys given another value. */
const spoiled = fc.tuple(fc.constantFrom(...examples), fc.nat(), tree).map(([example, pick, value]) => {
  const copy = structuredClone(example) as Record<string, unknown>;
  const keys = Object.keys(copy);
  copy[keys[pick % keys.length]!] = value;
  return copy;
});
const text = fc.oneof(
  fc.oneof(tree, spoiled, fc.constantFrom(...examples)).map((value) => JSON.stringify(value) ?? ''),
  fc.tuple(spoiled, fc.nat(200)).map(([value, cut]) => JSON.stringify(value).slice(0, cut)),
  fc.string(),
);
const request = fc.record({
  id: fc.constantFrom(...Object.keys(routes)),
  method: fc.option(fc.constantFrom('GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS' as const), {
    freq: 10,
  }),
  words: fc.array(word, { minLength: 3, maxLength: 3 }),
  raw: fc.boolean(),
  query: fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    fc.string({ maxLength: 20 }),
    fc.constantFrom(
      'dryRun=true',
      'dryRun=x',
      'parent=root',
      'handle=1:',
      'handle=x',
      'parent=1:1&handle=2:',
    ),
  ),
  body: fc.option(text),
  type: fc.oneof(
    { weight: 8, arbitrary: fc.constant('application/json') },
    fc.constantFrom('application/yaml', 'text/plain', 'application/json; charset=x', '', 'x'),
  ),
});

test('no request, however bad, is answered by a 5xx, and every refusal is a problem with an errno', async () => {
  const services = memoryServices();
  const app = await createApi({ services });
  const seed = () => {
    const device = { kind: 'wslink' as const, mtu: 1500, ip: [], up: true };
    services.state.lab = {
      name: 'fuzz',
      nodes: { h1: { stack: 'user', devices: { eth0: { ...device, mac: '02:00:00:00:00:01' } } } },
      lans: { office: { ageing: 300 } },
      links: [],
    };
  };
  await fc.assert(
    fc.asyncProperty(request, async ({ id, method, words, raw, query, body, type }) => {
      seed();
      const route = routes[id]!;
      let next = 0;
      const path = route.path.replaceAll(/\{\w+\}/g, () => {
        const value = words[next++]!;
        return raw ? value.replaceAll(/[^!-~]|[?#/]/gu, '%') : encodeURIComponent(value);
      });
      const answer = await app.inject({
        method: (method ?? route.method) as 'GET',
        url: query === '' ? path : `${path}?${encodeURI(query)}`,
        headers: type === '' ? {} : { 'content-type': type },
        ...(body === null ? {} : { payload: body }),
      });
      const expected503 = route.path === '/readyz' && answer.statusCode === 503;
      if (!expected503) expect(answer.statusCode, answer.body).toBeLessThan(500);
      if (answer.statusCode < 400 || answer.body === '') return;
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(answer.json()).toMatchObject({
        status: answer.statusCode,
        code: expect.stringMatching(/^E[A-Z]+$/),
      });
      expect(answer.body).not.toMatch(/\.[jt]s:\d|node_modules/);
    }),
    { numRuns: 1500, seed: 42 },
  );
}, 60_000);
