/** What is no HTTP, or takes too long to become some: answered by hand, as there is no request yet, then hung up on. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { HttpError, problemOf } from './errors.ts';

const KNOWN: ReadonlyMap<string, readonly [status: number, code: string, text: string]> = new Map([
  ['HPE_HEADER_OVERFLOW', [431, 'EMSGSIZE', 'the header is too large: 16 KiB are taken']],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', [413, 'EMSGSIZE', 'the extensions of a chunk are too large']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'ETIMEDOUT', 'the request did not arrive in time']],
]);

/** The listener of a server's `clientError`. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, text] = KNOWN.get(String(error.code)) ?? [400, 'EINVAL', 'this is no HTTP request'];
  const body = JSON.stringify(problemOf(new HttpError(status, code, text), '*'));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
