/** Decides who may turn a request into a WebSocket, before the 101. */
import type { IncomingMessage, Server } from 'node:http';
import type { DataSocket } from './data-socket.ts';
import type { RpcPeer } from './rpc-peer.ts';

interface RouteBase {
  /** The exact path, or a pattern for it. */
  readonly path: string | RegExp;
  /** The subprotocol that must be offered, and is echoed. None: none may be needed. */
  readonly protocol?: string;
}

export interface DataRoute extends RouteBase {
  /** data: batches and control messages; raw: one frame a message, no text. */
  readonly kind: 'data' | 'raw';
  readonly accept: (socket: DataSocket, req: IncomingMessage) => void;
}

export interface RpcRoute extends RouteBase {
  readonly kind: 'rpc';
  readonly accept: (peer: RpcPeer, req: IncomingMessage) => void;
}

export type UpgradeRoute = DataRoute | RpcRoute;

export interface UpgradeRouterOptions {
  readonly server: Server;
  readonly authorize: (req: IncomingMessage) => boolean;
  /** Origins a browser may come from; a request without an Origin header is no browser's. */
  readonly origins?: readonly string[];
  readonly routes: readonly UpgradeRoute[];
}

export interface UpgradeRouter {
  /** Closes every socket accepted so far; resolves when they are gone. Refuses new ones with 503. */
  close(code?: number, reason?: string): Promise<void>;
  readonly sockets: number;
}

export function createUpgradeRouter(_options: UpgradeRouterOptions): UpgradeRouter {
  throw new Error('not yet');
}
