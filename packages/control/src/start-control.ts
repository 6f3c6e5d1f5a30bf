/** The composition root of control: one HTTP or HTTPS port for the REST API and the agents' WebSockets. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import { createApi } from '@etherloom/api';
import { AGENT_PATH, AGENT_PROTOCOL, FailureLimit, isLoopback, type Lab } from '@etherloom/schema';
import {
  createServer,
  createUpgradeRouter,
  type ListenOptions,
  listen,
  requestHasToken,
  type ServerOptions,
  type UpgradeRouter,
} from '@etherloom/transport-ws';
import type { Logger } from 'pino';
import { Control } from './control.ts';
import { ControlError } from './control-error.ts';
import { FileStore } from './file-store.ts';
import type { LabStore } from './lab-store.ts';
import type { NodeLauncher } from './launcher.ts';
import { MemoryStore } from './memory-store.ts';

export interface ControlOptions {
  readonly log: Logger;
  /** Default 127.0.0.1. Anything off this machine needs a token, or `insecure`. */
  readonly host?: string | undefined;
  /** Default 8080; 0 takes a free one. */
  readonly port?: number | undefined;
  /** A UNIX socket for agents, beside the port: its path crosses network namespaces. */
  readonly agentSocket?: string | undefined;
  readonly tls?: ServerOptions['tls'];
  readonly token?: string | undefined;
  readonly insecure?: boolean | undefined;
  /** Put in force at the start, in place of what the state file holds. */
  readonly lab?: Lab | undefined;
  /** Where the lab outlives this process. */
  readonly stateFile?: string | undefined;
  /** Starts the nodes of the lab, where they do not start by themselves. */
  readonly launcher?: NodeLauncher | undefined;
  /** The flag that moves the port, for the text when it is in use. */
  readonly moveWith?: string | undefined;
}

export interface RunningControl {
  readonly url: string;
  /** Resolves once the lab is as it should be; rejects when the signal aborts, saying what it waited for. */
  converged(signal?: AbortSignal): Promise<void>;
  /** Calls `fn` with what the lab waits for, now and at each change; returns what ends it. */
  watch(fn: (waiting: readonly string[]) => void): () => void;
  close(): Promise<void>;
}

const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

export async function startControl(options: ControlOptions): Promise<RunningControl> {
  const { log, host = '127.0.0.1', port = 8080, token } = options;
  guardDoor(options, host);
  const store = await openStore(options);
  const control = new Control({ store, log, version: VERSION, launcher: options.launcher });
  const failures = new FailureLimit({ now: () => performance.now() });
  const doors: Door[] = [];
  const shut = async () => {
    await control.close();
    await Promise.all(doors.map(closeDoor));
  };
  const open = async (server: Server, where: ListenOptions) => {
    const router = agentRouter(server, control, token, failures);
    const door = { server, router };
    const address = await listen(server, where);
    doors.push(door);
    return address;
  };
  try {
    const server = await apiServer(options, control, failures);
    const bound = await open(server, { host, port, ...(options.moveWith && { moveWith: options.moveWith }) });
    if (options.agentSocket !== undefined) await open(createServer(), { path: options.agentSocket });
    const url = `${options.tls === undefined ? 'http' : 'https'}://${urlHost(host)}:${bound.port}`;
    log.info({ url }, 'control listens');
    control.launchAgainst(url);
    await control.open();
    if (options.lab !== undefined) await control.services.lab.put(options.lab, { dryRun: false });
    return {
      url,
      converged: (signal) => control.converged(signal),
      watch: (fn) => control.watch(fn),
      close: shut,
    };
  } catch (error) {
    await shut();
    throw error;
  }
}

interface Door {
  readonly server: Server;
  readonly router: UpgradeRouter;
}

/** The REST API on a server of ours, with its limits. */
async function apiServer(options: ControlOptions, control: Control, failures: FailureLimit): Promise<Server> {
  const { log, token, insecure, tls } = options;
  const app = await createApi({
    services: control.services,
    token,
    insecure,
    failures,
    log,
    version: VERSION,
    serverFactory: (listener) => createServer({ tls }, listener),
  });
  return app.server as Server;
}

function agentRouter(
  server: Server,
  control: Control,
  token: string | undefined,
  failures: FailureLimit,
): UpgradeRouter {
  return createUpgradeRouter({
    server,
    authorize: (req) => token === undefined || requestHasToken(req, token),
    failures,
    routes: [
      {
        kind: 'rpc',
        path: AGENT_PATH,
        protocol: AGENT_PROTOCOL,
        accept: (peer, req) => control.accept(peer, dialledFrom(req)),
      },
    ],
  });
}

async function openStore({ stateFile, log }: ControlOptions): Promise<LabStore> {
  if (stateFile === undefined) return new MemoryStore();
  const store = await FileStore.open(stateFile);
  if (store.warning !== null) log.warn({ stateFile }, store.warning);
  return store;
}

/** Off this machine nobody gets in without a token, unless it was asked for in so many words. */
function guardDoor({ token, insecure, log }: ControlOptions, host: string): void {
  if (token !== undefined || isLoopback(host)) return;
  if (insecure !== true) {
    throw new ControlError(
      'EPERM',
      `control will not listen on ${host} without a token: give it one (ETHERLOOM_TOKEN, ETHERLOOM_TOKEN_FILE or --token-file), ` +
        'listen on 127.0.0.1, or say --insecure to let everybody in',
    );
  }
  log.warn(
    { host },
    'INSECURE: control listens off this machine without a token; whoever reaches it may do anything',
  );
}

/** A name one can dial for an address one can listen on. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function dialledFrom({ socket }: IncomingMessage): string {
  return socket.remoteAddress === undefined ? 'this machine' : `${socket.remoteAddress}:${socket.remotePort}`;
}

async function closeDoor({ server, router }: Door): Promise<void> {
  await router.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
