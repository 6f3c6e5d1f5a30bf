/** Who may speak to the API: a bearer token, or, without one, only this machine's own programs and pages. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type FailureLimit, isLoopback } from '@etherloom/schema';
import type { FastifyRequest } from 'fastify';
import { HttpError } from './errors.ts';

const CHALLENGE = 'Bearer realm="etherloom"';

/** Throws HttpError when the request may not go on. */
export type Guard = (request: FastifyRequest) => void;

/** Asks for the token; after too many wrong ones an address has to wait, whatever it then shows. */
export function tokenGuard(token: string, limit: FailureLimit): Guard {
  const expected = sha256(token);
  return (request) => {
    const wait = limit.waitSeconds(request.ip);
    if (wait > 0) {
      throw new HttpError(429, 'EAGAIN', `too many wrong tokens: wait ${wait} s`, {
        'retry-after': String(wait),
      });
    }
    const presented = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (presented === undefined) {
      throw new HttpError(401, 'EACCES', 'a token is needed: send "Authorization: Bearer TOKEN"', {
        'www-authenticate': CHALLENGE,
      });
    }
    const digest = sha256(presented);
    if (timingSafeEqual(digest, expected)) return;
    limit.failed(request.ip, digest.toString('hex'));
    throw new HttpError(401, 'EACCES', 'wrong token', {
      'www-authenticate': `${CHALLENGE}, error="invalid_token"`,
    });
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Against DNS rebinding: a page from elsewhere that has our address in its name's record may not speak to us. */
export function loopbackGuard(request: FastifyRequest): void {
  const { host } = request.headers;
  if (host === undefined || !isLoopback(hostName(host))) {
    throw new HttpError(
      403,
      'EPERM',
      `the host "${host ?? ''}" is not this machine: without a token only localhost is served`,
    );
  }
  originGuard(request);
}

/** A page may speak to the API that served it, to no other. */
export function originGuard(request: FastifyRequest): void {
  const { host, origin } = request.headers;
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return;
  throw new HttpError(403, 'EPERM', `the origin "${origin}" may not use this API without a token`);
}

function hostName(host: string): string {
  return host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}
