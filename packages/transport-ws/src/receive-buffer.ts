/**
 * Reads of a socket into one buffer that the whole process shares, since what is received is lent for the call.
 *
 * A socket's 'data' events bring each read in 64 KiB of fresh memory. Node can read into memory of the caller, but
 * only says so when a socket is made (`onread` of net.Socket): so the connection of a socket that was accepted or
 * upgraded moves to a new one. Where there is no such connection, as with TLS, 'data' events must do.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { noteTraffic } from './scheduling.ts';
import { eventDone } from './turn.ts';

/** Bytes, lent for the call, which may be written to. */
export type TakeBytes = (buf: Uint8Array, at: number, end: number) => void;

export const RECEIVE_BUFFER = 256 * 1024;
let shared: Buffer | null = null;

/** The connection behind a socket, which Node does not tell of in its types. */
interface Connected {
  _handle: { readonly useUserBuffer?: unknown } | null;
}

/** The socket to use from now on: the one given, or one that has taken over its connection. It is read at once. */
export function receiveInto(socket: Duplex, take: TakeBytes): Duplex {
  const moved = moveConnection(socket, take);
  if (moved !== null) return moved;
  socket.on('data', (chunk: Buffer) => {
    noteTraffic(chunk.length);
    take(chunk, 0, chunk.length);
    eventDone();
  });
  socket.resume(); // whoever had it before may have paused it
  return socket;
}

function moveConnection(socket: Duplex, take: TakeBytes): Socket | null {
  if (!(socket instanceof Socket) || socket instanceof TLSSocket) return null;
  if (socket.readableLength > 0 || socket.writableLength > 0 || socket.destroyed) return null;
  const old = socket as unknown as Connected;
  const handle = old._handle;
  if (typeof handle?.useUserBuffer !== 'function') return null;
  shared ??= Buffer.allocUnsafeSlow(RECEIVE_BUFFER);
  const buffer = shared;
  const callback = (n: number) => {
    noteTraffic(n);
    take(buffer, 0, n);
    eventDone();
    return true;
  };
  old._handle = null;
  const options = { handle, onread: { buffer, callback } };
  const moved = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  // The old one is what a server counts and waits for.
  moved.once('close', () => socket.destroy());
  return moved;
}
