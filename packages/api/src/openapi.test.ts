import { ROUTES, type RouteSpec } from '@etherloom/schema';
import { expect, test } from 'vitest';
import { createApi } from './app.ts';
import { memoryServices } from './memory-services.ts';

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: string[];
  readonly requestBody?: { content: Record<string, { example?: unknown; schema: object }> };
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

async function document() {
  const app = await createApi({ services: memoryServices(), token: 't', version: '1.2.3' });
  const answer = await app.inject({ url: '/openapi.json', headers: { authorization: 'Bearer t' } });
  return answer.json();
}

test('the document is OpenAPI 3.1 and has exactly the operations of the route table', async () => {
  const { openapi, info, paths } = await document();
  expect([openapi, info.version]).toEqual(['3.1.0', '1.2.3']);
  const operations: Operation[] = Object.values(paths).flatMap((path) => Object.values(path as object));
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(ROUTES).sort());
});

test('every operation has a summary, a tag, an answer, and an example of its body', async () => {
  const { paths } = await document();
  for (const [id, spec] of Object.entries<RouteSpec>(ROUTES)) {
    const operation: Operation = paths[spec.path][spec.method.toLowerCase()];
    expect(operation, id).toMatchObject({ operationId: id, summary: spec.summary, tags: [spec.tag] });
    expect(Object.keys(operation.responses)).toEqual([String(spec.status), '4XX', '5XX']);
    expect(Object.keys(operation.responses['4XX']!.content!)).toEqual(['application/problem+json']);
    expect(operation.requestBody?.content['application/json']?.example, id).toEqual(spec.example);
  }
});

test('a lab is documented as JSON and as YAML', async () => {
  const { paths } = await document();
  expect(Object.keys(paths['/v1/lab'].put.requestBody.content)).toEqual([
    'application/json',
    'application/yaml',
  ]);
});

test('every reference has its target, and no component is without reference', async () => {
  const doc = await document();
  const text = JSON.stringify(doc);
  const wanted = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
  expect([...wanted].sort()).toEqual(Object.keys(doc.components.schemas).sort());
});

test('the examples of the document are taken by the routes they belong to', async () => {
  for (const { body, example } of Object.values<RouteSpec>(ROUTES)) {
    if (body !== undefined) expect(body.safeParse(example).error).toBeUndefined();
  }
});
