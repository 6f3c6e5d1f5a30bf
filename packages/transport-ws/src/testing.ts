/** What the tests of this package share: a listening router, and waiting for something to hold. Not exported. */
import type { Server } from 'node:http';
import type { FailureLimit } from '@etherloom/schema';
import { requestHasToken } from './auth.ts';
import { createServer, listen } from './server.ts';
import { createUpgradeRouter, type UpgradeRoute, type UpgradeRouter } from './upgrade.ts';

export const TOKEN = 'correct-horse-battery-staple';
export const ORIGIN = 'https://lab.example';

export interface Listening {
  readonly server: Server;
  readonly router: UpgradeRouter;
  readonly url: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly tls?: { cert: string; key: string };
  readonly path?: string;
  readonly port?: number;
  readonly failures?: FailureLimit;
}

export async function serve(routes: readonly UpgradeRoute[], options: ServeOptions = {}): Promise<Listening> {
  const server = createServer({ tls: options.tls });
  const authorize = (req: Parameters<typeof requestHasToken>[0]) => requestHasToken(req, TOKEN);
  const { failures } = options;
  const router = createUpgradeRouter({ server, authorize, failures, origins: [ORIGIN], routes });
  const at = options.path === undefined ? { port: options.port ?? 0 } : { path: options.path };
  const { host, port } = await listen(server, at);
  const base = options.tls === undefined ? `ws://${host}:${port}` : `wss://localhost:${port}`;
  return {
    server,
    router,
    url: options.path === undefined ? base : `ws+unix:${options.path}:`,
    close: async () => {
      await router.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Turns the event loop until `done` holds. */
export async function until(done: () => boolean, what: string, withinMs = 4000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
