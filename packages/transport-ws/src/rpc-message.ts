/** The messages of JSON-RPC 2.0: what they are, and errors to and from them. */
import { CodedError } from './coded-error.ts';

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
/** A handler threw; `data.code` is its errno name. */
export const HANDLER_FAILED = -32000;
const MAX_ERROR_TEXT = 1000;
const ERRNO = /^E[A-Z0-9]{1,30}$/;

export type RpcId = string | number | null;

export interface RpcFailure {
  readonly code: number;
  readonly message: string;
  readonly data?: { readonly code?: string; readonly [key: string]: unknown };
}

export interface RpcRequest {
  readonly kind: 'request';
  /** undefined: a notification. */
  readonly id: RpcId | undefined;
  readonly method: string;
  readonly params: unknown;
}

export interface RpcResponse {
  readonly kind: 'response';
  readonly id: RpcId;
  readonly result: unknown;
  readonly error: RpcFailure | undefined;
}

export interface RpcInvalid {
  readonly kind: 'invalid';
  readonly id: RpcId;
  readonly why: string;
}

function isId(value: unknown): value is RpcId {
  return value === null || typeof value === 'string' || typeof value === 'number';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What one element of a message is. */
export function readRpc(value: unknown): RpcRequest | RpcResponse | RpcInvalid {
  if (!isObject(value)) return { kind: 'invalid', id: null, why: 'not an object' };
  const id = isId(value['id']) ? value['id'] : null;
  const invalid = (why: string): RpcInvalid => ({ kind: 'invalid', id, why });
  if (value['jsonrpc'] !== '2.0') return invalid('jsonrpc must be "2.0"');
  if (value['id'] !== undefined && !isId(value['id']))
    return invalid('id must be a string, a number or null');
  if ('result' in value || 'error' in value) return readResponse(value, id);
  const method = value['method'];
  if (typeof method !== 'string' || method === '') return invalid('method must be a string');
  const params = value['params'];
  if (params !== undefined && (typeof params !== 'object' || params === null)) {
    return invalid('params must be an object or an array');
  }
  return { kind: 'request', id: value['id'] as RpcId | undefined, method, params: params ?? {} };
}

function readResponse(value: Record<string, unknown>, id: RpcId): RpcResponse {
  const error = value['error'];
  if (error === undefined) return { kind: 'response', id, result: value['result'], error: undefined };
  return { kind: 'response', id, result: undefined, error: readFailure(error) };
}

/** The error of a peer, whatever it holds: its text goes to people, as one line that is no page. */
function readFailure(error: unknown): RpcFailure {
  const { code, message, data } = isObject(error) ? error : {};
  const text = typeof message === 'string' ? message.slice(0, MAX_ERROR_TEXT) : 'error without text';
  return {
    code: typeof code === 'number' ? code : 0,
    message: text.replaceAll(/\s+/g, ' '),
    ...(isObject(data) ? { data: data as NonNullable<RpcFailure['data']> } : {}),
  };
}

/** What a handler threw, as it goes over the wire: its text and errno name, never its stack. */
export function failureOf(err: unknown): RpcFailure {
  const message = err instanceof Error ? err.message : String(err);
  const { code, details } = (typeof err === 'object' && err !== null ? err : {}) as Record<string, unknown>;
  const data = {
    code: typeof code === 'string' ? code : 'EIO',
    ...(details === undefined ? {} : { details }),
  };
  return { code: HANDLER_FAILED, message, data };
}

/** The error a caller sees: `code` is the errno name that the far end's handler threw. */
export class RpcError extends CodedError {
  readonly rpcCode: number;
  readonly details: unknown;

  constructor(method: string, failure: RpcFailure) {
    const { code, details }: NonNullable<RpcFailure['data']> = failure.data ?? {};
    const fallback = failure.code === METHOD_NOT_FOUND ? 'EOPNOTSUPP' : 'EPROTO';
    super(typeof code === 'string' && ERRNO.test(code) ? code : fallback, failure.message);
    this.name = 'RpcError';
    this.rpcCode = failure.code;
    this.details = details ?? { method };
  }
}
