/** A JSON-RPC peer that dials, and dials again whenever the connection is lost. */
import { MAX_RPC_PAYLOAD } from './limits.ts';
import { Redialer, type RedialOptions } from './redialer.ts';
import { RpcPeer } from './rpc-peer.ts';

export class RpcClient {
  onconnect: ((peer: RpcPeer) => void) | null = null;
  ondisconnect: ((code: number, reason: string) => void) | null = null;
  /** An attempt to connect failed; the next one follows by itself. */
  onfailed: ((err: Error) => void) | null = null;
  /** The peer while connected. */
  peer: RpcPeer | null = null;
  readonly #redialer: Redialer;

  constructor(options: RedialOptions) {
    this.#redialer = new Redialer(options, MAX_RPC_PAYLOAD);
    this.#redialer.onopen = (ws) => {
      this.peer = new RpcPeer(ws);
      this.onconnect?.(this.peer);
    };
    this.#redialer.onfailed = (err) => this.onfailed?.(err);
    this.#redialer.onclosed = (code, reason) => {
      this.peer = null;
      this.ondisconnect?.(code, reason);
    };
  }

  open(): void {
    this.#redialer.start();
  }

  close(code = 1000, reason = ''): void {
    this.#redialer.stop(code, reason);
  }
}
