/** A data door that only this process can reach, for frames of its own through its own code, and cables into it. */
import { mkdtemp, rm } from 'node:fs/promises';
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

/** Why a folder of its own: only this user can reach into it. `accept` gets each socket, before its hello. */
export async function openPrivateDoor(accept: (socket: DataSocket) => void): Promise<PrivateDoor> {
  const folder = await mkdtemp(join(tmpdir(), `etherloom-door-${process.pid}-`));
  const server = createServer();
  const routes = [{ kind: 'data', path: PATH, protocol: DATA_PROTOCOL, accept } as const];
  const router = createUpgradeRouter({ server, authorize: () => true, routes });
  const close = async () => {
    await router.close();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const path = join(folder, 'door');
    await listen(server, { path });
    return { url: `ws+unix:${path}:${PATH}`, close };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
