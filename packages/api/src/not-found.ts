/** Paths nobody serves: 404, or 405 with what the path does take. */
import { ROUTES, type RouteSpec } from '@etherloom/schema';
import type { FastifyRequest } from 'fastify';
import { HttpError } from './errors.ts';

interface Served {
  readonly pattern: RegExp;
  readonly method: string;
}

const SERVED: readonly Served[] = [
  ...Object.values(ROUTES).map(({ path, method }: RouteSpec) => ({
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    method,
  })),
  { pattern: /^\/openapi\.json$/, method: 'GET' },
];

/** Longer than every path that is served. */
const MAX_SHOWN = 1024;

/** Throws for a request that no route has taken. */
export function notFound(request: FastifyRequest): never {
  const path = request.url.split('?')[0]!.slice(0, MAX_SHOWN);
  const methods = SERVED.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  if (methods.length === 0 || methods.includes(request.method)) {
    throw new HttpError(404, 'ENOENT', `nothing is served at ${path}; /openapi.json lists what is`);
  }
  const allow = methods.includes('GET') ? ['HEAD', ...methods] : methods;
  const text = `${path} does not take ${request.method}; it takes ${methods.join(', ')}`;
  throw new HttpError(405, 'EOPNOTSUPP', text, { allow: allow.join(', ') });
}
