/**
 * A connection whose both ends are in this process. One end can be handed to another process: that is how a socket
 * goes there that is more than a file descriptor, as TLS is.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Why a folder of its own: only this user can reach into it, so the one who connects is us. */
async function socketPair(): Promise<[Socket, Socket]> {
  const folder = await mkdtemp(join(tmpdir(), `etherloom-pair-${process.pid}-`));
  const server = createServer({ pauseOnConnect: true });
  try {
    server.listen(join(folder, 'pair'));
    await once(server, 'listening');
    const near = connect(join(folder, 'pair'));
    const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [
      [Socket],
      unknown,
    ];
    return [near, far];
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A socket that another process can have and that talks to the peer of `socket`; this process carries the bytes. */
export async function relayed(socket: Socket): Promise<Socket> {
  const [near, far] = await socketPair();
  tie(socket, near);
  tie(near, socket);
  return far;
}

/** What comes from one goes to the other, and so does its end. */
function tie(from: Socket, to: Socket): void {
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroySoon()); // what has come is still delivered
  from.pipe(to);
}
