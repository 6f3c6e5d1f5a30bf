/** Bearer tokens of an upgrade request, compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const PROTOCOL_PREFIX = 'bearer.';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** True when `presented` is `token`; the time taken tells nothing of where they differ, or of their lengths. */
export function tokenMatches(presented: string, token: string): boolean {
  return timingSafeEqual(digest(presented), digest(token));
}

/** What is remembered of a wrong token. */
export function tokenDigest(presented: string): string {
  return digest(presented).toString('hex');
}

/** The items of a Sec-WebSocket-Protocol header. */
export function offeredProtocols(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** The token in an Authorization header ("Bearer TOKEN") or a list of subprotocols ("bearer.TOKEN", for browsers, which set no headers). */
function bearerOf(presented: string | readonly string[] | undefined): string | undefined {
  if (typeof presented === 'string') return /^bearer +(.*\S)/i.exec(presented)?.[1];
  return presented?.find((item) => item.startsWith(PROTOCOL_PREFIX))?.slice(PROTOCOL_PREFIX.length);
}

/** The token that a request carries in either place. A wrong header is not mended by a right subprotocol. */
export function requestToken({ headers }: IncomingMessage): string | undefined {
  return bearerOf(headers.authorization ?? offeredProtocols(headers['sec-websocket-protocol']));
}

export function requestHasToken(req: IncomingMessage, token: string): boolean {
  const presented = requestToken(req);
  return presented !== undefined && tokenMatches(presented, token);
}
