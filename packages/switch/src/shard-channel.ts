/**
 * Calls between two processes of one switch, and sockets that change hands with them. Every call is answered or fails by
 * its deadline. Messages arrive in the order they were sent; a socket that is gone by the time it arrives is null.
 */
import type { Socket } from 'node:net';
import { CodedError } from '@etherloom/transport-ws';
import { ShardMessage } from './shard-messages.ts';

/** The channel of a forked process: what a ChildProcess and the child's `process` have in common. */
export interface IpcPipe {
  readonly connected: boolean;
  send?(message: unknown, handle?: Socket): boolean;
  on(event: 'message', heard: (message: unknown, handle: unknown) => void): unknown;
}

/** A data socket between two owners: its connection, what was read and not yet understood, and how it talks. */
export interface HandedSocket {
  readonly socket: Socket;
  readonly head: Uint8Array;
  readonly raw: boolean;
}

export interface Answer {
  readonly result: unknown;
  readonly sockets: readonly (HandedSocket | null)[];
}

export interface ChannelHandlers {
  onCall(method: string, params: unknown, sockets: Answer['sockets']): Answer | Promise<Answer>;
  onNews(event: string, params: unknown): void;
}

interface PendingCall {
  readonly method: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (err: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const CALL_TIMEOUT_MS = 10_000;

export class ShardChannel {
  readonly #pipe: IpcPipe;
  readonly #handlers: ChannelHandlers;
  readonly #calls = new Map<number, PendingCall>();
  /** Sockets whose message is still to come. */
  #arrived: (HandedSocket | null)[] = [];
  #lastId = 0;

  constructor(pipe: IpcPipe, handlers: ChannelHandlers) {
    this.#pipe = pipe;
    this.#handlers = handlers;
    pipe.on('message', (message, handle) => this.#onMessage(message, handle));
  }

  /** Rejects with the errno name of the far end's failure as `code`, ETIMEDOUT or ECONNRESET. */
  call(
    method: string,
    params: unknown,
    sockets: Answer['sockets'] = [],
    timeoutMs = CALL_TIMEOUT_MS,
  ): Promise<Answer> {
    if (!this.#pipe.connected) {
      for (const handed of sockets) handed?.socket.destroy();
      return Promise.reject(new CodedError('ECONNRESET', `${method}: a worker of the switch has ended`));
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const text = `${method}: a worker of the switch did not answer within ${timeoutMs} ms`;
      const timer = setTimeout(() => this.#fail(id, 'ETIMEDOUT', text), timeoutMs);
      this.#calls.set(id, { method, resolve, reject, timer });
      this.#send({ kind: 'call', id, method, params, sockets: sockets.length }, sockets);
    });
  }

  news(event: string, params: unknown): void {
    this.#send({ kind: 'news', event, params });
  }

  /** The far end is gone: no answer will come. */
  close(): void {
    for (const [id, { method }] of [...this.#calls]) {
      this.#fail(id, 'ECONNRESET', `${method}: a worker of the switch has ended`);
    }
    for (const handed of this.#arrived.splice(0)) handed?.socket.destroy();
  }

  #send(message: ShardMessage, sockets: Answer['sockets'] = []): void {
    if (!this.#pipe.connected) return; // its end is told by `exit`, and close() follows
    for (const handed of sockets) {
      const { socket, head, raw } = handed ?? LOST;
      this.#pipe.send!({ kind: 'socket', head, raw }, socket);
    }
    this.#pipe.send!(message);
  }

  #onMessage(value: unknown, handle: unknown): void {
    const read = ShardMessage.safeParse(value);
    if (!read.success) return; // who waits for it has a deadline
    const message = read.data;
    if (message.kind === 'socket') this.#keep(message, handle as Socket | undefined);
    else if (message.kind === 'call') void this.#answer(message);
    else if (message.kind === 'news') this.#handlers.onNews(message.event, message.params);
    else this.#onAnswer(message);
  }

  #keep({ head, raw }: { head: Uint8Array; raw: boolean }, socket: Socket | undefined): void {
    // Nobody listens yet, and an error nobody listens to ends a process.
    socket?.on('error', ignore);
    this.#arrived.push(socket === undefined ? null : { socket, head, raw });
  }

  async #answer({ id, method, params, sockets }: ShardMessage & { kind: 'call' }): Promise<void> {
    const handed = this.#take(sockets);
    try {
      const answer = await this.#handlers.onCall(method, params, handed);
      const { result } = answer;
      this.#send({ kind: 'answer', id, result, sockets: answer.sockets.length }, answer.sockets);
    } catch (err) {
      const { code = 'EIO', message } = err as Error & { code?: string };
      this.#send({ kind: 'failed', id, error: { code, message } });
    }
  }

  #onAnswer(message: ShardMessage & { kind: 'answer' | 'failed' }): void {
    if (message.kind === 'failed') {
      this.#fail(message.id, message.error.code, message.error.message);
      return;
    }
    const sockets = this.#take(message.sockets);
    const call = this.#settle(message.id);
    if (call !== undefined) call.resolve({ result: message.result, sockets });
    else for (const handed of sockets) handed?.socket.destroy(); // it came too late
  }

  #take(count: number): Answer['sockets'] {
    return this.#arrived.splice(0, count);
  }

  #fail(id: number, code: string, message: string): void {
    this.#settle(id)?.reject(new CodedError(code, message));
  }

  #settle(id: number): PendingCall | undefined {
    const call = this.#calls.get(id);
    if (call !== undefined) clearTimeout(call.timer);
    this.#calls.delete(id);
    return call;
  }
}

const LOST: { socket: Socket | undefined; head: Uint8Array; raw: boolean } = {
  socket: undefined,
  head: new Uint8Array(0),
  raw: false,
};

function ignore(): void {}
