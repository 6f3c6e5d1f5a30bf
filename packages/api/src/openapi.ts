/** The route table as OpenAPI 3.1. */

import { Problem, ROUTES, type RouteSpec } from '@etherloom/schema';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';

const FAILURE = {
  description: 'RFC 9457 problem; `code` is an errno name.',
  content: { 'application/problem+json': { schema: Problem } },
};
const NO_QUERY = z.strictObject({}, 'this route takes no query parameters');

/** What fastify validates, serializes and documents of a route. */
export function schemaOf(operationId: string, spec: RouteSpec): FastifySchema {
  const query = spec.query ?? (spec.open === true ? undefined : NO_QUERY);
  return {
    operationId,
    summary: spec.summary,
    tags: [spec.tag],
    ...(operationId === 'putLab' ? { consumes: ['application/json', 'application/yaml'] } : {}),
    ...(spec.open === true ? { security: [] } : {}),
    ...(spec.params === undefined ? {} : { params: spec.params }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(spec.body === undefined ? {} : { body: spec.body }),
    response: {
      [spec.status]: spec.response ?? z.undefined().meta({ description: 'Done.' }),
      '4xx': FAILURE,
      '5xx': FAILURE,
    },
  };
}

export function swaggerOptions(version: string, secured: boolean): FastifyDynamicSwaggerOptions {
  const scheme = { bearer: { type: 'http', scheme: 'bearer' } } as const;
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Etherloom',
        version,
        description: 'A distributed virtual LAN emulator over WebSockets.',
      },
      ...(secured ? { components: { securitySchemes: scheme }, security: [{ bearer: [] }] } : {}),
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnused(withExamples(jsonSchemaTransformObject(document))),
  };
}

type Document = ReturnType<typeof jsonSchemaTransformObject>;

interface Operation {
  readonly requestBody?: { readonly content: Record<string, { example?: unknown }> };
}

function withExamples(document: Document): Document {
  const paths = (document.paths ?? {}) as Record<string, Record<string, Operation>>;
  for (const { path, method, example } of Object.values<RouteSpec>(ROUTES)) {
    const content = paths[path]?.[method.toLowerCase()]?.requestBody?.content;
    for (const type of Object.values(content ?? {})) type.example = example;
  }
  return document;
}

/** The transform adds each named schema twice, as input and as output; what nothing refers to goes, and what only that referred to. */
function withoutUnused(document: Document): Document {
  if (!('openapi' in document)) return document;
  const schemas = Object.entries(document.components?.schemas ?? {});
  const text = JSON.stringify(document);
  const used = schemas.filter(([name]) => text.includes(`"#/components/schemas/${name}"`));
  const kept = {
    ...document,
    components: { ...document.components, schemas: Object.fromEntries(used) },
  } as Document;
  return used.length === schemas.length ? kept : withoutUnused(kept);
}
