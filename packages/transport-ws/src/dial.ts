/** Opens client WebSockets: addresses, masks, tokens and trust. */
import { isLoopback } from '@etherloom/schema';
import { type ClientOptions, WebSocket } from 'ws';
import { CodedError } from './coded-error.ts';
import { Handshake } from './handshake.ts';
import { clientLimits, MAX_DATA_PAYLOAD } from './limits.ts';

export interface DialOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** PEM of a private certificate authority. */
  readonly ca?: string | Buffer | undefined;
  readonly protocol?: string | undefined;
}

export interface DialAddress {
  readonly url: string;
  readonly secure: boolean;
  readonly unix: boolean;
  /** The bytes cannot meet a confused proxy, which is all that masks are for: a zero mask spares both ends the work. */
  readonly zeroMask: boolean;
}

/** Understands ws:, wss: and ws+unix:/SOCKET:/PATH; throws EINVAL for anything else. */
export function dialAddress(text: string): DialAddress {
  const url = parseUrl(text);
  if (url?.protocol === 'ws+unix:') {
    if (!url.pathname.startsWith('/'))
      throw badUrl(text, 'write ws+unix:/run/etherloom/switch.sock:/v1/data');
    return { url: text, secure: false, unix: true, zeroMask: true };
  }
  if (url === null || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) {
    throw badUrl(text, 'it must start with ws://, wss:// or ws+unix:/');
  }
  if (url.hash !== '') throw badUrl(text, 'it must not have a #fragment');
  const secure = url.protocol === 'wss:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { url: text, secure, unix: false, zeroMask: secure || isLoopback(host) };
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function badUrl(text: string, hint: string): CodedError {
  return new CodedError('EINVAL', `cannot dial "${text}": ${hint}`);
}

function zeroMask(mask: Buffer): void {
  mask.fill(0);
}

export function dial(options: DialOptions, maxPayload: number): WebSocket {
  const { url, protocols, client } = clientOf(options, maxPayload);
  return new WebSocket(url, protocols, client);
}

/** As dial(), for a socket that the caller speaks WebSocket on. */
export function dialSocket(options: DialOptions): Handshake {
  const { url, protocols, client } = clientOf(options, MAX_DATA_PAYLOAD);
  return new Handshake(url, protocols, client);
}

function clientOf(options: DialOptions, maxPayload: number) {
  const address = dialAddress(options.url);
  const client: ClientOptions = clientLimits(maxPayload);
  if (address.zeroMask) client.generateMask = zeroMask;
  if (options.ca !== undefined) client.ca = options.ca;
  if (address.secure) client.minVersion = 'TLSv1.2';
  if (options.token !== undefined) client.headers = { authorization: `Bearer ${options.token}` };
  const protocols = options.protocol === undefined ? [] : [options.protocol];
  return { url: address.url, protocols, client };
}
