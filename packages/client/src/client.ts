/** The route table as methods: `client.patchDevice({ params: { node: 'h1', dev: 'eth0' }, body: { mtu: 1400 } })`. */
import {
  type CallOf,
  dialFailure,
  type OutputOf,
  type Problem,
  ROUTES,
  type RouteId,
  type RouteSpec,
} from '@etherloom/schema';
import { ClientError } from './client-error.ts';

/** As much of fetch as is needed; the global one fits. A private CA or a UNIX socket needs another. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchAnswer>;

export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface FetchAnswer {
  readonly status: number;
  text(): Promise<string>;
}

export interface ClientOptions {
  /** Where control is; ws:// and wss:// are taken for http:// and https://. */
  readonly url: string;
  readonly token?: string | undefined;
  readonly fetch?: FetchLike | undefined;
  /** Each call's deadline, 30 s when absent. */
  readonly timeoutMs?: number | undefined;
}

export interface CallOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A call's argument may be left out when nothing in it is needed. */
type Arguments<K extends RouteId> =
  object extends CallOf<K>
    ? [call?: CallOf<K>, options?: CallOptions]
    : [call: CallOf<K>, options?: CallOptions];

/** One method for each operation of the route table; all throw ClientError. */
export type Client = { readonly [K in RouteId]: (...args: Arguments<K>) => Promise<OutputOf<K>> };

interface Call {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
}

export function createClient(options: ClientOptions): Client {
  const methods = Object.entries(ROUTES).map(([id, spec]) => [
    id,
    (call: Call = {}, each: CallOptions = {}) => send(options, spec, call, each),
  ]);
  return Object.fromEntries(methods) as Client;
}

async function send(
  options: ClientOptions,
  spec: RouteSpec,
  call: Call,
  each: CallOptions,
): Promise<unknown> {
  const base = options.url.replace(/^ws(s?):/, 'http$1:').replace(/\/+$/, '');
  const deadline = AbortSignal.timeout(each.timeoutMs ?? options.timeoutMs ?? 30_000);
  const signal = each.signal === undefined ? deadline : AbortSignal.any([each.signal, deadline]);
  const init: FetchInit = {
    method: spec.method,
    headers: headersOf(options, call),
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    signal,
  };
  const fetch: FetchLike = options.fetch ?? globalThis.fetch;
  try {
    const answer = await fetch(base + targetOf(spec, call), init);
    return read(base, answer.status, await answer.text());
  } catch (cause) {
    throw cause instanceof ClientError ? cause : unreachable(base, cause);
  }
}

function headersOf({ token }: ClientOptions, { body }: Call): Record<string, string> {
  return {
    accept: 'application/json, application/problem+json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
}

function targetOf({ path }: RouteSpec, { params = {}, query = {} }: Call): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => segment(name, params[name]));
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(
    pairs.map(([key, value]): [string, string] => [key, String(value)]),
  ).toString();
  return search === '' ? filled : `${filled}?${search}`;
}

function segment(name: string, value: string | undefined): string {
  // Why here: URLs fold "." and ".." away, and the request would go to another route.
  if (value === undefined || value === '' || /^\.{1,2}$/.test(value)) {
    throw new ClientError('EINVAL', 0, `${name} "${value ?? ''}" is no name`, null);
  }
  return encodeURIComponent(value);
}

function read(base: string, status: number, text: string): unknown {
  if (status === 204) return undefined;
  const value = parse(text);
  if (status >= 200 && status < 300 && value !== undefined) return value;
  const problem = value as Partial<Problem> | undefined;
  if (typeof problem?.code === 'string' && typeof problem.detail === 'string') {
    throw new ClientError(problem.code, status, problem.detail, problem as Problem);
  }
  throw new ClientError(
    'EPROTO',
    status,
    `${base} answered ${status}, but not as Etherloom does: check the URL`,
    null,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function unreachable(base: string, cause: unknown): ClientError {
  const { name, code, message } = deepest(cause);
  if (name === 'TimeoutError')
    return new ClientError('ETIMEDOUT', 0, `${base} did not answer in time`, null, { cause });
  const why = dialFailure(base, { code, message }) ?? (message || code || name);
  const text = `cannot reach control at ${base}: ${why}`;
  return new ClientError(code ?? 'ECONNREFUSED', 0, text, null, { cause });
}

interface Reason {
  readonly name: string;
  readonly code: string | undefined;
  readonly message: string;
}

/** fetch says "fetch failed" and keeps the reason as its cause. */
function deepest(error: unknown): Reason {
  if (!(error instanceof Error)) return { name: 'Error', code: undefined, message: String(error) };
  const { cause, code } = error as { cause?: unknown; code?: unknown };
  if (cause instanceof Error) return deepest(cause);
  return { name: error.name, code: typeof code === 'string' ? code : undefined, message: error.message };
}
