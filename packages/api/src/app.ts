/** The REST API as a Fastify app: the route table in front of the services. Builds; does not listen. */

import { isDeepStrictEqual } from 'node:util';
import { FailureLimit, InputError, parseWith, ROUTES, type RouteId, type RouteSpec } from '@etherloom/schema';
import swagger from '@fastify/swagger';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchemaCompiler,
  type FastifyServerFactory,
  LogController,
} from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { type Guard, loopbackGuard, originGuard, tokenGuard } from './auth.ts';
import { bodyText } from './body-text.ts';
import { answerClientError } from './client-error.ts';
import { HttpError, problemOf } from './errors.ts';
import { type Handlers, handlersOf } from './handlers.ts';
import { parseJsonBody } from './json-body.ts';
import { parseLabText } from './lab-text.ts';
import { notFound } from './not-found.ts';
import { schemaOf, swaggerOptions } from './openapi.ts';
import type { Services } from './services.ts';

export interface ApiOptions {
  readonly services: Services;
  /** Without one only this machine is served, unless `insecure`. */
  readonly token?: string | undefined;
  readonly insecure?: boolean | undefined;
  /** Of wrong tokens; one of its own when absent. */
  readonly failures?: FailureLimit | undefined;
  readonly version?: string | undefined;
  readonly log?: FastifyBaseLogger | undefined;
  /** To serve on an http(s) server of one's own. */
  readonly serverFactory?: FastifyServerFactory | undefined;
}

const BODY_LIMIT = 256 * 1024;
const LAB_LIMIT = 1024 * 1024;
const JSON_TYPE = 'application/json';
const YAML_TYPE = /^(?:application\/(?:x-)?yaml|text\/(?:x-)?yaml)(?:\s*;.*)?$/i;

/** The app, ready for `inject` and `listen`. */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 256 },
    forceCloseConnections: true,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: sendError,
    clientErrorHandler: answerClientError,
    ...(options.log === undefined ? {} : { loggerInstance: options.log }),
    ...(options.serverFactory === undefined ? {} : { serverFactory: options.serverFactory }),
  }) as FastifyInstance;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(sendError);
  app.setNotFoundHandler(notFound);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (request, body, done) =>
    settle(done, () => parseJsonBody(bodyText(request, body as Buffer))),
  );
  addGuard(app, options);
  await app.register(swagger, swaggerOptions(options.version ?? '0.0.0', options.token !== undefined));
  await addRoutes(app, handlersOf(options.services));
  await app.ready();
  return app;
}

const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data) => {
    const part = httpPart === 'querystring' ? 'query' : httpPart;
    try {
      if (part === 'body' && data == null) {
        throw new InputError('EINVAL', [{ path: [], message: 'a body is needed, in JSON' }]);
      }
      return { value: parseWith(schema, data, part === undefined || part === 'body' ? [] : [part]) };
    } catch (error) {
      return { error: error as Error };
    }
  };

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error, request.url.split('?')[0]!);
  if (problem.status === 500) request.log.error(error);
  if (error instanceof HttpError) reply.headers(error.headers);
  reply.code(problem.status).type('application/problem+json').send(problem);
}

type Done = (error: Error | null, value?: unknown) => void;

/** What a callback of fastify's throws must reach `done`: nobody else would catch it. */
function settle(done: Done, work: () => unknown): void {
  let value: unknown;
  try {
    value = work();
  } catch (error) {
    done(error as Error);
    return;
  }
  done(null, value);
}

function addGuard(app: FastifyInstance, options: ApiOptions): void {
  const { token, insecure, failures = new FailureLimit({ now: () => performance.now() }) } = options;
  const tokenless: Guard = insecure === true ? originGuard : loopbackGuard;
  const guard = token === undefined ? tokenless : tokenGuard(token, failures);
  const open = new Set<string>(
    Object.values(ROUTES).flatMap((spec: RouteSpec) => (spec.open ? [spec.path] : [])),
  );
  app.addHook('onRequest', (request, _reply, done) => {
    const free = token !== undefined && open.has(request.routeOptions.url ?? '');
    const refuse = (error: Error | null) => done(error ?? undefined);
    settle(refuse, () => (free ? undefined : guard(request)));
  });
}

async function addRoutes(app: FastifyInstance, handlers: Handlers): Promise<void> {
  const { putLab, ...rest } = ROUTES;
  for (const id of Object.keys(rest) as RouteId[]) addRoute(app, id, handlers);
  // Why here: only a lab may come as YAML, so its parser lives with its route.
  await app.register((lab, _, done) => {
    lab.addContentTypeParser(YAML_TYPE, { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (request, body, end) =>
      settle(end, () => parseLabText(bodyText(request, body as Buffer))),
    );
    addRoute(lab, 'putLab', handlers, LAB_LIMIT);
    done();
  });
  app.get('/openapi.json', { schema: { hide: true } as object }, () => app.swagger());
}

function addRoute(app: FastifyInstance, id: RouteId, handlers: Handlers, bodyLimit = BODY_LIMIT): void {
  const spec: RouteSpec = ROUTES[id];
  const handler = handlers[id] as (input: unknown) => unknown;
  app.route({
    method: spec.method,
    url: spec.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    schema: schemaOf(id, spec),
    bodyLimit,
    handler: async ({ params, query, body }, reply) => {
      if (spec.body === undefined) refuseBody(body);
      const result = await handler({ params, query, body });
      reply.code(spec.status);
      return spec.status === 204 ? undefined : result;
    },
  });
}

/** Nobody reads it, and who sends one believes that it matters: a DELETE would take more than was meant. */
function refuseBody(body: unknown): void {
  if (body == null || isDeepStrictEqual(body, {})) return;
  const message = 'this route takes no body: what it is to know goes into the path and the query';
  throw new InputError('EINVAL', [{ path: [], message }]);
}
