/** A JSON-RPC peer that dials, and dials again whenever the connection is lost. */
import { dial } from './dial.ts';
import { MAX_RPC_PAYLOAD } from './limits.ts';
import { type Attempt, type AttemptEvents, Redialer, type RedialOptions } from './redialer.ts';
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
    this.#redialer = new Redialer(options, (events) => this.#connect(options, events));
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
  #connect(options: RedialOptions, events: AttemptEvents): Attempt {
    const ws = dial(options, MAX_RPC_PAYLOAD);
    ws.on('error', (err) => events.failed(err));
    ws.on('open', () => {
      events.opened();
      this.peer = new RpcPeer(ws, 'client', options.wheel);
      this.onconnect?.(this.peer);
    });
    ws.on('close', (code, reason) => events.over(code, reason.toString()));
    return {
      close: (code, reason) => (ws.readyState === ws.CONNECTING ? ws.terminate() : ws.close(code, reason)),
    };
  }
}
