/** HTTP and HTTPS servers with limits against slow and many connections. */
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CodedError } from './coded-error.ts';

export interface ServerOptions {
  /** PEM. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
  readonly maxConnections?: number;
}

export interface ListenOptions {
  readonly host?: string;
  readonly port?: number;
  /** A UNIX socket instead of host and port. */
  readonly path?: string;
  /** What the port is for and how to move it, for the error text: "--switch-port". */
  readonly moveWith?: string;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
} as const;

/** For a port that serves WebSockets only. */
const upgradeRequired: RequestListener = (_req, res) => {
  res.writeHead(426, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  res.end('this port takes WebSockets only\n');
};

/** A server that does not listen yet; without a listener of its own every plain request gets 426. */
export function createServer(options: ServerOptions = {}, listener = upgradeRequired): Server {
  const server =
    options.tls === undefined ? createHttp(LIMITS, listener) : createSecure(options.tls, listener);
  server.maxConnections = options.maxConnections ?? 16_384;
  return server;
}

/** Throws EINVAL, with what OpenSSL has against the certificate or the key. */
function createSecure(tls: NonNullable<ServerOptions['tls']>, listener: RequestListener): Server {
  try {
    return createHttps({ ...LIMITS, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: 5000 }, listener);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^error:[^:]*:/, '') : String(cause);
    const text = `the TLS certificate and key cannot be used (${why}): both must be PEM, unencrypted, and belong together`;
    // biome-ignore lint/style/useErrorCause: the cause is the third argument
    throw new CodedError('EINVAL', text, { cause });
  }
}

/** Resolves once it listens; rejects with a text that says what is in the way and how to move. */
export function listen(server: Server, options: ListenOptions): Promise<ListenAddress> {
  const { host = '127.0.0.1', port = 0, path } = options;
  return new Promise((resolve, reject) => {
    const failed = (err: NodeJS.ErrnoException) => reject(listenError(err, options));
    server.once('error', failed);
    const done = () => {
      server.off('error', failed);
      const address = server.address() as AddressInfo | string;
      resolve(
        typeof address === 'string'
          ? { host: address, port: 0 }
          : { host: address.address, port: address.port },
      );
    };
    if (path === undefined) server.listen(port, host, done);
    else server.listen(path, done);
  });
}

function listenError(err: NodeJS.ErrnoException, options: ListenOptions): CodedError {
  const where = options.path ?? `${options.host ?? '127.0.0.1'}:${options.port ?? 0}`;
  const move = options.moveWith ?? 'another port';
  if (err.code === 'EADDRINUSE') {
    const text = `${where} is in use: stop the program that listens there, or choose another with ${move}`;
    return new CodedError('EADDRINUSE', text, { cause: err });
  }
  return new CodedError(err.code ?? 'EIO', `cannot listen on ${where}: ${err.message}`, { cause: err });
}
