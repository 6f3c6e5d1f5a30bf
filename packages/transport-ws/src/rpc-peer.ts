/**
 * JSON-RPC 2.0 over a text WebSocket, both ways: every request is answered and every call has a deadline, so nobody
 * waits for ever. Malformed input is answered with the error JSON-RPC has for it.
 */
import { nestsDeeper } from '@etherloom/schema';
import type { RawData, WebSocket } from 'ws';
import { closeReason } from './close-reason.ts';
import { CodedError } from './coded-error.ts';
import { Heartbeat, type Pulse } from './heartbeat.ts';
import {
  failureOf,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  PARSE_ERROR,
  RpcError,
  type RpcFailure,
  type RpcId,
  type RpcRequest,
  type RpcResponse,
  readRpc,
} from './rpc-message.ts';
import type { TickWheel } from './tick-wheel.ts';

/** May be async. What it throws is the answer; `code` of the error travels as errno name. */
export type RpcHandler = (params: unknown) => unknown;

export interface CallOptions {
  readonly timeoutMs?: number;
}

interface PendingCall {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (err: Error) => void;
  readonly timer: NodeJS.Timeout;
}

interface Reply {
  readonly jsonrpc: '2.0';
  readonly id: RpcId;
  readonly result?: unknown;
  readonly error?: RpcFailure;
}

const CALL_TIMEOUT = 10_000;
/** A handler that has not finished by then is answered for with ETIMEDOUT. */
const ANSWER_WITHIN = 60_000;
/** A peer that does not read its answers is closed before they fill our memory. */
const MAX_BUFFERED = 16 * 1024 * 1024;
/** Each element of a batch costs a promise and an answer far longer than itself. */
const MAX_BATCH = 100;
/** Whatever reads or prints a value recurses. */
const MAX_DEPTH = 64;

export class RpcPeer {
  onclose: ((code: number, reason: string) => void) | null = null;
  readonly #ws: WebSocket;
  readonly #heartbeat: Heartbeat;
  readonly #handlers = new Map<string, RpcHandler>();
  readonly #calls = new Map<RpcId, PendingCall>();
  #lastId = 0;

  constructor(ws: WebSocket, role: 'server' | 'client', wheel?: TickWheel) {
    this.#ws = ws;
    this.#heartbeat = heartbeatOf(ws, role, wheel);
    ws.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    ws.on('close', (code, reason) => this.#onClose(code, reason.toString()));
    ws.on('error', () => {}); // `close` follows, with the code
  }

  get open(): boolean {
    return this.#ws.readyState === this.#ws.OPEN;
  }

  /** One handler a method; the last one set counts. */
  handle(method: string, fn: RpcHandler): void {
    this.#handlers.set(method, fn);
  }

  /** Rejects with an Error whose `code` is an errno name: the handler's, ETIMEDOUT, ENOTCONN or ECONNRESET. */
  call(method: string, params: unknown, options: CallOptions = {}): Promise<unknown> {
    if (!this.open) return Promise.reject(new CodedError('ENOTCONN', `${method}: the connection is closed`));
    const { timeoutMs = CALL_TIMEOUT } = options;
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#expire(id, timeoutMs), timeoutMs);
      this.#calls.set(id, { method, resolve, reject, timer });
      this.#send({ jsonrpc: '2.0', id, method, params });
    });
  }

  notify(method: string, params: unknown): void {
    this.#send({ jsonrpc: '2.0', method, params });
  }

  close(code = 1000, reason = ''): void {
    this.#ws.close(code, closeReason(reason));
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #send(message: object): void {
    if (!this.open) return;
    if (this.#ws.bufferedAmount > MAX_BUFFERED) this.#ws.terminate();
    else this.#ws.send(JSON.stringify(message));
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#heartbeat.heard();
    if (isBinary) {
      this.close(1003, 'text messages only');
      return;
    }
    const text = data.toString();
    if (nestsDeeper(text, MAX_DEPTH, true)) {
      this.#send(failed(null, PARSE_ERROR, 'the message is nested too deeply'));
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.#send(failed(null, PARSE_ERROR, 'the message is not JSON'));
      return;
    }
    const done = Array.isArray(value) ? this.#onBatch(value) : this.#onSingle(value);
    // What we cannot answer ends this connection, not the process.
    done.catch(() => this.close(1011, 'internal error'));
  }

  async #onSingle(value: unknown): Promise<void> {
    const reply = await this.#onElement(value);
    if (reply !== undefined) this.#send(reply);
  }

  async #onBatch(values: unknown[]): Promise<void> {
    if (values.length === 0 || values.length > MAX_BATCH) {
      const why = values.length === 0 ? 'an empty batch' : `a batch of more than ${MAX_BATCH}`;
      this.#send(failed(null, INVALID_REQUEST, why));
      return;
    }
    const replies = await Promise.all(values.map((value) => this.#onElement(value)));
    const answers = replies.filter((reply) => reply !== undefined);
    if (answers.length > 0) this.#send(answers);
  }

  async #onElement(value: unknown): Promise<Reply | undefined> {
    const message = readRpc(value);
    if (message.kind === 'invalid') return failed(message.id, INVALID_REQUEST, message.why);
    if (message.kind === 'request') return this.#answer(message);
    this.#onResponse(message);
    return undefined;
  }

  async #answer(request: RpcRequest): Promise<Reply | undefined> {
    const { id, method } = request;
    const handler = this.#handlers.get(method);
    let reply: Reply;
    try {
      if (handler === undefined) reply = failed(id ?? null, METHOD_NOT_FOUND, `no method "${method}"`);
      else
        reply = {
          jsonrpc: '2.0',
          id: id ?? null,
          result: (await inTime(method, handler, request.params)) ?? null,
        };
    } catch (err) {
      reply = { jsonrpc: '2.0', id: id ?? null, error: failureOf(err) };
    }
    return id === undefined ? undefined : reply;
  }

  #onResponse(response: RpcResponse): void {
    const call = this.#calls.get(response.id);
    if (call === undefined) return; // it came after its deadline
    this.#settle(response.id, call);
    if (response.error === undefined) call.resolve(response.result);
    else call.reject(new RpcError(call.method, response.error));
  }

  #expire(id: RpcId, timeoutMs: number): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#settle(id, call);
    call.reject(new CodedError('ETIMEDOUT', `${call.method}: no answer within ${timeoutMs} ms`));
  }

  #settle(id: RpcId, call: PendingCall): void {
    clearTimeout(call.timer);
    this.#calls.delete(id);
  }

  #onClose(code: number, reason: string): void {
    this.#heartbeat.stop();
    for (const [id, call] of [...this.#calls]) {
      this.#settle(id, call);
      call.reject(new CodedError('ECONNRESET', `${call.method}: the connection was lost before the answer`));
    }
    this.onclose?.(code, reason);
  }
}

function heartbeatOf(ws: WebSocket, role: 'server' | 'client', wheel: TickWheel | undefined): Heartbeat {
  const pulse: Pulse = {
    role,
    get paused() {
      return ws.isPaused;
    },
    ping: () => {
      if (ws.readyState === ws.OPEN) ws.ping();
    },
    dead: () => ws.terminate(),
  };
  const heartbeat = new Heartbeat(pulse, wheel);
  const heard = () => heartbeat.heard();
  ws.on('ping', heard);
  ws.on('pong', heard);
  return heartbeat;
}

function failed(id: RpcId, code: number, message: string): Reply {
  return { jsonrpc: '2.0', id, error: { code, message } };
}

async function inTime(method: string, handler: RpcHandler, params: unknown): Promise<unknown> {
  const { promise: late, reject } = withReject();
  const text = `${method}: not done within ${ANSWER_WITHIN} ms`;
  const timer = setTimeout(() => reject(new CodedError('ETIMEDOUT', text)), ANSWER_WITHIN);
  try {
    return await Promise.race([handler(params), late]);
  } finally {
    clearTimeout(timer);
  }
}

function withReject(): { promise: Promise<never>; reject: (err: Error) => void } {
  let reject!: (err: Error) => void;
  const promise = new Promise<never>((_resolve, no) => {
    reject = no;
  });
  return { promise, reject };
}
