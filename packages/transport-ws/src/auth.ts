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

/** The items of a Sec-WebSocket-Protocol header. */
export function offeredProtocols(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/**
 * Whether an Authorization header ("Bearer TOKEN") or a list of subprotocols ("bearer.TOKEN", for browsers, which
 * cannot set headers) carries the token.
 */
export function bearerMatches(presented: string | readonly string[] | undefined, token: string): boolean {
  if (presented === undefined) return false;
  if (typeof presented === 'string') {
    const match = /^bearer +(.*\S)/i.exec(presented);
    return match !== null && tokenMatches(match[1]!, token);
  }
  const item = presented.find((p) => p.startsWith(PROTOCOL_PREFIX));
  return item !== undefined && tokenMatches(item.slice(PROTOCOL_PREFIX.length), token);
}

/** Whether the request carries the token in either place. A wrong header is not mended by a right subprotocol. */
export function requestHasToken(req: IncomingMessage, token: string): boolean {
  const header = req.headers.authorization;
  if (header !== undefined) return bearerMatches(header, token);
  return bearerMatches(offeredProtocols(req.headers['sec-websocket-protocol']), token);
}
