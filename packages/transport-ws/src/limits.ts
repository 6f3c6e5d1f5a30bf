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

/** Frames of one message. */
export const MAX_FRAGMENTS = 16;
/** From our close frame to the end of the connection, whatever the peer does. */
export const CLOSE_TIMEOUT = 3000;
/** A peer that takes nothing for this long, although something is on its way to it, is hung up on. */
export const STALL_TIMEOUT = 30_000;

const COMMON = {
  perMessageDeflate: false,
  maxFragments: MAX_FRAGMENTS,
  maxBufferedChunks: 1024,
  closeTimeout: CLOSE_TIMEOUT,
} as const;

export function clientLimits(maxPayload: number): ClientOptions {
  return { ...COMMON, maxPayload, handshakeTimeout: HANDSHAKE_TIMEOUT, followRedirects: false };
}

export function serverLimits(maxPayload: number): ServerOptions {
  return { ...COMMON, maxPayload, noServer: true, clientTracking: false };
}
