/** JSON-RPC 2.0 over a text WebSocket, both ways: every request is answered, every call has a deadline. */
import type { WebSocket } from 'ws';

export type RpcHandler = (params: unknown) => unknown;

export interface CallOptions {
  readonly timeoutMs?: number;
}

export class RpcPeer {
  onclose: ((code: number, reason: string) => void) | null = null;
  readonly #ws: WebSocket;

  constructor(ws: WebSocket) {
    this.#ws = ws;
  }

  get open(): boolean {
    return this.#ws.readyState === this.#ws.OPEN;
  }

  handle(_method: string, _fn: RpcHandler): void {}

  call(_method: string, _params: unknown, _options: CallOptions = {}): Promise<unknown> {
    return Promise.reject(new Error('not yet'));
  }

  notify(_method: string, _params: unknown): void {}

  close(code = 1000, reason = ''): void {
    this.#ws.close(code, reason);
  }
}
