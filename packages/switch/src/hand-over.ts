/**
 * A data socket on its way to another process: what is handed over is the connection, with the bytes that were read of
 * it and not understood yet. A TLS connection is more than a file descriptor, so this process goes on carrying its bytes.
 */
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { DataSocket, type DetachedSocket, readFromNode } from '@etherloom/transport-ws';
import type { MovedSocket } from './move-unit.ts';
import type { HandedSocket } from './shard-channel.ts';
import { relayed } from './socket-pair.ts';

/** Null when it cannot go: it has closed, or there is something on its way to the peer, who is sent away then. */
export async function handOver(socket: MovedSocket | null): Promise<HandedSocket | null> {
  if (!(socket instanceof DataSocket)) {
    // Who dialled in raw as the end of a link: there is more to it than a connection.
    socket?.close(1012, 'connect again');
    return null;
  }
  const { raw } = socket;
  const detached = detach(socket);
  if (detached === null) return null;
  const { socket: connection, head } = detached;
  if (!(connection instanceof Socket)) return null;
  if (!(connection instanceof TLSSocket))
    return { socket: connection, head: stopReading(connection, head), raw };
  return { socket: await relayed(connection), head, raw };
}

/** Its handlers must be set in this very turn: then its head is read. */
export function takeOver({ socket, head, raw }: HandedSocket): DataSocket {
  return new DataSocket(socket, head, { role: 'server', read: readFromNode, raw });
}

/** What Node does not tell of a socket in its types. */
interface Connected {
  _handle: { reading?: boolean; readStop(): void } | null;
}

/**
 * A paused socket may still read ahead into its own buffer, which stays here: takes that along as well. Why readStop
 * comes last: read() of an emptied buffer begins to read again.
 */
function stopReading(socket: Socket, head: Uint8Array): Uint8Array {
  const read = [head];
  for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) read.push(chunk as Buffer);
  const { _handle: handle } = socket as unknown as Connected;
  if (handle !== null) {
    handle.reading = false;
    handle.readStop();
  }
  return read.length === 1 ? head : Buffer.concat(read);
}

function detach(socket: DataSocket): DetachedSocket | null {
  try {
    return socket.detach();
  } catch {
    socket.close(1012, 'connect again');
    return null;
  }
}
