/** The limits of every WebSocket here. The defaults of `ws` are made for browsers and chat, not for a hostile network. */
import type { ClientOptions, ServerOptions } from 'ws';

/** Several batches of 64 KiB, in one message, from a peer that batches more than we do. */
export const MAX_DATA_PAYLOAD = 1024 * 1024;
export const MAX_RPC_PAYLOAD = 4 * 1024 * 1024;
/** A text message of the data channel is a small JSON object. */
export const MAX_CONTROL_TEXT = 16 * 1024;
export const HANDSHAKE_TIMEOUT = 5000;

export const HEARTBEAT_INTERVAL = 5000;
export const DEAD_AFTER = 10_000;

const COMMON = {
  perMessageDeflate: false,
  maxFragments: 16,
  maxBufferedChunks: 1024,
  closeTimeout: 3000,
} as const;

export function clientLimits(maxPayload: number): ClientOptions {
  return { ...COMMON, maxPayload, handshakeTimeout: HANDSHAKE_TIMEOUT, followRedirects: false };
}

export function serverLimits(maxPayload: number): ServerOptions {
  return { ...COMMON, maxPayload, noServer: true, clientTracking: false };
}
