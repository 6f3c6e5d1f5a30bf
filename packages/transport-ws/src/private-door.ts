/** A data door that only this process can reach, for frames of its own through its own code, and cables into it. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { DATA_PROTOCOL } from '@etherloom/schema';
import type { DataSocket } from './data-socket.ts';
import { createServer, listen } from './server.ts';
import { createUpgradeRouter } from './upgrade.ts';

const PATH = '/v1/data';

export interface PrivateDoor {
  /** To dial. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Why a folder of its own: only this user can reach into it. It is gone as soon as `cables` of them are connected, and
 * with the process. `accept` gets each socket, before its hello.
 */
export async function openPrivateDoor(
  cables: number,
  accept: (socket: DataSocket) => void,
): Promise<PrivateDoor> {
  const folder = await mkdtemp(join(tmpdir(), `etherloom-door-${process.pid}-`));
  const server = createServer();
  const hide = () => {
    process.off('exit', hide);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', hide);
  let connected = 0;
  const enter = (socket: DataSocket) => {
    if (++connected === cables) hide();
    accept(socket);
  };
  const routes = [{ kind: 'data', path: PATH, protocol: DATA_PROTOCOL, accept: enter } as const];
  const router = createUpgradeRouter({ server, authorize: () => true, routes });
  const close = async () => {
    await router.close();
    await new Promise((resolve) => server.close(resolve));
    hide();
  };
  try {
    const path = join(folder, 'door');
    await listen(server, { path });
    return { url: `ws+unix:${path}:${PATH}`, close };
  } catch (error) {
    hide();
    throw error;
  }
}
