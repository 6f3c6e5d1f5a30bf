/** What a REST route is: enough to serve it, to call it and to document it. */
import type { z } from 'zod';

export interface RouteSpec {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** As in OpenAPI: `/v1/nodes/{node}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Example of the body. */
  readonly example?: unknown;
  /** The status of success; 204 has no body. */
  readonly status: 200 | 201 | 204;
  readonly response?: z.ZodType;
  /** True for the probes: no token is asked for. */
  readonly open?: true;
}

type OutputOf<R, K extends PropertyKey> = K extends keyof R
  ? R[K] extends z.ZodType
    ? z.output<R[K]>
    : never
  : never;
type Present<T> = { [K in keyof T as [T[K]] extends [never] ? never : K]: T[K] };

/** What a handler is given: params, query and body, parsed, as far as the route has them. */
export type RouteInput<R extends RouteSpec> = Present<{
  params: OutputOf<R, 'params'>;
  query: OutputOf<R, 'query'>;
  body: OutputOf<R, 'body'>;
}>;

type WrittenOf<R, K extends PropertyKey> = K extends keyof R
  ? R[K] extends z.ZodType
    ? z.input<R[K]>
    : never
  : never;
type Optional<T> = { [K in keyof T as object extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as object extends T[K] ? K : never]?: T[K];
};

/** What a caller writes: the same before parsing; what may be empty may be left out. */
export type RouteCall<R extends RouteSpec> = Optional<
  Present<{ params: WrittenOf<R, 'params'>; query: WrittenOf<R, 'query'>; body: WrittenOf<R, 'body'> }>
>;

/** What a handler returns and a caller gets. */
export type RouteOutput<R extends RouteSpec> = R extends { response: infer S extends z.ZodType }
  ? z.output<S>
  : undefined;
