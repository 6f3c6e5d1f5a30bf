/**
 * Opening handshakes, by `ws` at both ends; what they leave is a socket, for a WsConnection. `ws` makes an object of
 * the class it is given and hands that the socket once all has been agreed.
 */
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';

export class Handshake extends WebSocket {
  /** In place of `open`. */
  onsocket: ((socket: Duplex, head: Uint8Array) => void) | null = null;
  #agreed: { readonly socket: Duplex; readonly head: Uint8Array } | null = null;

  /** Called by `ws`, where a WebSocket of its own would begin to read. */
  setSocket(socket: Duplex, head: Uint8Array): void {
    this.#agreed = { socket, head };
    this.onsocket?.(socket, head);
  }

  /** What a server's handshake has agreed on by the time `ws` returns it. */
  get agreed(): { readonly socket: Duplex; readonly head: Uint8Array } {
    return this.#agreed!;
  }
}
