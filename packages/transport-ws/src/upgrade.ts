/**
 * Decides who may turn a request into a WebSocket, before the 101: path, origin, token, subprotocol, in that order.
 * A refusal is a plain HTTP answer and a closed connection; nothing of the token is told or logged.
 */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FailureLimit } from '@etherloom/schema';
import { type Server as SocketServer, WebSocket, WebSocketServer } from 'ws';
import { offeredProtocols, requestToken, tokenDigest } from './auth.ts';
import { closeReason } from './close-reason.ts';
import { readFromNode } from './data-messages.ts';
import { DataSocket } from './data-socket.ts';
import { Handshake } from './handshake.ts';
import { heartbeatWheel } from './heartbeat.ts';
import { MAX_DATA_PAYLOAD, MAX_RPC_PAYLOAD, serverLimits } from './limits.ts';
import { RpcPeer } from './rpc-peer.ts';

interface RouteBase {
  /** The exact path, or a pattern for it. */
  readonly path: string | RegExp;
  /** The subprotocol that must be offered, and is echoed. Without it none is echoed. */
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
  /** Whoever has shown too many wrong tokens has to wait, whatever he then shows. */
  readonly failures?: FailureLimit | undefined;
  /** Origins a browser may come from; a request without an Origin header is no browser's. */
  readonly origins?: readonly string[];
  readonly routes: readonly UpgradeRoute[];
}

export interface UpgradeRouter {
  /** Refuses new sockets with 503 and closes those accepted so far; resolves when they are gone. */
  close(code?: number, reason?: string): Promise<void>;
  readonly sockets: number;
}

/** A connection of either kind. */
interface Accepted {
  close(code: number, reason: string): void;
}

interface Refusal {
  readonly status: number;
  readonly text: string;
  /** In seconds. */
  readonly retryAfter?: number;
}

class Router implements UpgradeRouter {
  readonly #options: UpgradeRouterOptions;
  readonly #sockets = new Set<Accepted>();
  readonly #data = webSocketServer(MAX_DATA_PAYLOAD, Handshake);
  readonly #rpc = webSocketServer(MAX_RPC_PAYLOAD, WebSocket);
  readonly #wheel = heartbeatWheel();
  #emptied: (() => void) | null = null;
  #closing = false;

  constructor(options: UpgradeRouterOptions) {
    this.#options = options;
    options.server.on('upgrade', (req, socket, head) => this.#onUpgrade(req, socket, head));
  }

  get sockets(): number {
    return this.#sockets.size;
  }

  async close(code = 1001, reason = 'shutting down'): Promise<void> {
    this.#closing = true;
    for (const socket of this.#sockets) socket.close(code, closeReason(reason));
    if (this.#sockets.size > 0) await new Promise<void>((resolve) => (this.#emptied = resolve));
  }

  #onUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {}); // a refused peer may be gone already
    const path = requestPath(req);
    const route = this.#options.routes.find((r) => matches(r.path, path));
    const refusal = this.#judge(req, route);
    if (route === undefined || refusal !== null) refuse(socket, refusal ?? NOT_FOUND);
    else this.#accept(route, req, socket, head);
  }

  #judge(req: IncomingMessage, route: UpgradeRoute | undefined): Refusal | null {
    if (this.#closing) return { status: 503, text: 'shutting down' };
    if (route === undefined) return NOT_FOUND;
    const { origin } = req.headers;
    if (origin !== undefined && !(this.#options.origins ?? []).includes(origin)) {
      return { status: 403, text: 'this origin is not allowed' };
    }
    const stranger = this.#unauthorized(req);
    if (stranger !== null) return stranger;
    const offered = offeredProtocols(req.headers['sec-websocket-protocol']);
    if (route.protocol !== undefined && !offered.includes(route.protocol)) {
      return { status: 400, text: `the subprotocol ${route.protocol} is needed` };
    }
    return null;
  }

  #unauthorized(req: IncomingMessage): Refusal | null {
    const { authorize, failures } = this.#options;
    const address = req.socket.remoteAddress ?? '';
    const wait = failures?.waitSeconds(address) ?? 0;
    if (wait > 0) return { status: 429, text: `too many wrong tokens: wait ${wait} s`, retryAfter: wait };
    if (authorize(req)) return null;
    const presented = requestToken(req);
    if (presented !== undefined) failures?.failed(address, tokenDigest(presented));
    return { status: 401, text: 'a valid bearer token is needed' };
  }

  #accept(route: UpgradeRoute, req: IncomingMessage, socket: Duplex, head: Buffer): void {
    routeProtocol.set(req, route.protocol ?? false);
    if (route.kind === 'rpc') {
      this.#rpc.handleUpgrade(req, socket, head, (ws) => this.#acceptRpc(route, req, ws));
    } else {
      this.#data.handleUpgrade(req, socket, head, ({ agreed }) => this.#acceptData(route, req, agreed));
    }
  }

  #acceptRpc(route: RpcRoute, req: IncomingMessage, ws: WebSocket): void {
    this.#sockets.add(ws);
    ws.on('close', () => this.#forget(ws));
    route.accept(new RpcPeer(ws, 'server', this.#wheel), req);
  }

  #acceptData(route: DataRoute, req: IncomingMessage, { socket, head }: Handshake['agreed']): void {
    const accepted: DataSocket = new DataSocket(socket, head, {
      role: 'server',
      read: readFromNode,
      raw: route.kind === 'raw',
      wheel: this.#wheel,
      onend: () => this.#forget(accepted),
    });
    this.#sockets.add(accepted);
    route.accept(accepted, req);
  }

  #forget(socket: Accepted): void {
    this.#sockets.delete(socket);
    if (this.#sockets.size === 0) this.#emptied?.();
  }
}

const NOT_FOUND: Refusal = { status: 404, text: 'no WebSocket lives at this path' };

/** What to echo for the request being upgraded: ws asks by a callback that knows only the request. */
const routeProtocol = new WeakMap<IncomingMessage, string | false>();

function webSocketServer<T extends typeof WebSocket>(maxPayload: number, type: T): SocketServer<T> {
  const handleProtocols = (_offered: Set<string>, req: IncomingMessage) => routeProtocol.get(req) ?? false;
  return new WebSocketServer<T, typeof IncomingMessage>({
    ...serverLimits(maxPayload),
    handleProtocols,
    WebSocket: type,
  });
}

function requestPath(req: IncomingMessage): string {
  return (req.url ?? '/').split('?', 1)[0]!;
}

function matches(pattern: string | RegExp, path: string): boolean {
  return typeof pattern === 'string' ? pattern === path : pattern.test(path);
}

function refuse(socket: Duplex, { status, text, retryAfter }: Refusal): void {
  const challenge = status === 401 ? 'WWW-Authenticate: Bearer\r\n' : '';
  const retry = retryAfter === undefined ? '' : `Retry-After: ${retryAfter}\r\n`;
  const length = Buffer.byteLength(text) + 1;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${challenge}${retry}Connection: close\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${length}\r\n\r\n${text}\n`,
    () => socket.destroy(),
  );
}

/** Takes over the server's upgrade requests. */
export function createUpgradeRouter(options: UpgradeRouterOptions): UpgradeRouter {
  return new Router(options);
}
