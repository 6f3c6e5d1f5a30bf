/** The composition root of a switch: fabric, doors, HTTP port and the line to control. */

import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { availableParallelism, hostname } from 'node:os';
import { NetError } from '@etherloom/netcore';
import { DATA_PATH, DATA_PROTOCOL, FailureLimit, isLoopback, type LinkState } from '@etherloom/schema';
import {
  createServer,
  createUpgradeRouter,
  type DataSocket,
  type Log,
  listen,
  requestHasToken,
  type ServerOptions,
  type UpgradeRouter,
} from '@etherloom/transport-ws';
import { ControlLink, type ControlLinkOptions } from './control-link.ts';
import type { DataDoor } from './data-door.ts';
import { LocalShard } from './local-shard.ts';
import { nodeHost } from './node-host.ts';
import { Rebalancer } from './rebalancer.ts';
import { OwnShard } from './shard.ts';
import { SpreadService } from './spread-service.ts';
import type { SwitchCalls } from './switch-service.ts';
import { withPath } from './url.ts';
import { warmUp } from './warm-up.ts';
import { WorkerShard } from './worker-shard.ts';

export interface SwitchOptions {
  readonly log: Log;
  readonly name?: string | undefined;
  /** Default 127.0.0.1. Anything off this machine needs a token, or `insecure`. */
  readonly host?: string | undefined;
  /** Default 8081; 0 takes a free one. */
  readonly port?: number | undefined;
  /** A UNIX socket for nodes, beside the port: its path crosses network namespaces. */
  readonly dataSocket?: string | undefined;
  readonly tls?: ServerOptions['tls'];
  readonly token?: string | undefined;
  readonly insecure?: boolean | undefined;
  /** Origins of browsers that may connect. */
  readonly origins?: readonly string[] | undefined;
  readonly controlUrl?: string | undefined;
  readonly controlToken?: string | undefined;
  /** PEM of the authority behind control's certificate. */
  readonly ca?: string | Buffer | undefined;
  /** How nodes reach this switch; derived when absent. */
  readonly advertise?: string | undefined;
  /** The flag that moves the port, for the text when it is in use. */
  readonly moveWith?: string | undefined;
  /** Processes that forward, this one included; one a core when absent, one with TLS. Those besides this one start when needed. */
  readonly workers?: number | undefined;
  /** Arguments of Node itself for workers; as this process was started when absent. */
  readonly workerArgv?: readonly string[] | undefined;
}

export interface RunningSwitch {
  /** The data WebSocket, as nodes are told. */
  readonly url: string;
  readonly port: number;
  /** The agent RPC's methods, for who runs in the same process. */
  readonly service: SwitchCalls;
  close(): Promise<void>;
}

const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
const MAX_WORKERS = 64;
const RAW_PATH = /^\/raw\/([^/]+)$/;

interface Door {
  readonly server: Server;
  readonly router: UpgradeRouter;
}

export async function startSwitch(options: SwitchOptions): Promise<RunningSwitch> {
  const { log, host = '127.0.0.1', name = 'switch' } = options;
  guardHost(options, host);
  let control: ControlLink | null = null;
  const shards = openShards(options, (state) => control?.linkChanged(state));
  const { service, data } = shards;
  const ready = () => options.controlUrl === undefined || control?.joined === true;
  const doors: Door[] = [];
  const close = async () => {
    control?.close();
    await shards.close('the switch stops');
    await Promise.all(doors.map(closeDoor));
  };
  try {
    const port = await openDoors(options, doors, (tls) => openDoor({ ...options, tls }, data, ready));
    const url = dataUrl(options, host, port);
    control = joinControl(options, { name, dataUrl: url, service });
    log.info({ name, url, port }, 'switch listens');
    warmUp().catch((err) => log.debug({ err }, 'could not warm up'));
    return { url, port, service, close };
  } catch (err) {
    await close(); // a door that is open already would keep the process
    throw err;
  }
}

interface Shards {
  readonly service: SwitchCalls;
  /** Where sockets come in. */
  readonly data: DataDoor;
  close(reason: string): Promise<void>;
}

/**
 * With one worker everything is in this process; with more, what is new goes where the fewest are. Why one with TLS: to
 * carry its bytes for a worker costs this process twice what forwarding them costs.
 */
function openShards(options: SwitchOptions, onLinkChanged: (state: LinkState) => void): Shards {
  const { log, tls } = options;
  const cores = tls === undefined ? Math.min(availableParallelism(), MAX_WORKERS) : 1;
  const { workers = cores } = options;
  if (workers > 1) return openSpread(options, workers, onLinkChanged);
  const shard = new LocalShard({ worker: 0, host: nodeHost, log, onLinkChanged });
  return { service: shard.service, data: shard.door, close: async (reason) => shard.close(reason) };
}

function openSpread(
  { log, workerArgv }: SwitchOptions,
  workers: number,
  onLinkChanged: (state: LinkState) => void,
): Shards {
  const service = new SpreadService({
    workers,
    log,
    onLinkChanged,
    own: () => new OwnShard(shard),
    worker: (worker, slices, changed) =>
      new WorkerShard({ worker, log, execArgv: workerArgv, slices, onLinkChanged: changed }),
  });
  const changed = (state: LinkState) => service.linkChanged(state);
  const shard = new LocalShard({
    worker: 0,
    host: nodeHost,
    log,
    onLinkChanged: changed,
    elsewhere: service,
  });
  const rebalancer = new Rebalancer(service, nodeHost, log);
  const close = async (reason: string) => {
    rebalancer.stop();
    await service.close(reason);
  };
  return { service, data: shard.door, close };
}

/** The TCP port, and the UNIX socket where one is asked for; each is in `doors` before it listens. Returns the port. */
async function openDoors(
  { host = '127.0.0.1', port = 8081, moveWith = '--port', tls, dataSocket }: SwitchOptions,
  doors: Door[],
  open: (tls: ServerOptions['tls']) => Door,
): Promise<number> {
  const door = open(tls);
  doors.push(door);
  const address = await listen(door.server, { host, port, moveWith });
  if (dataSocket === undefined) return address.port;
  const local = open(undefined);
  doors.push(local);
  await listen(local.server, { path: dataSocket });
  return address.port;
}

function joinControl(
  { controlUrl, controlToken, ca, log }: SwitchOptions,
  who: Pick<ControlLinkOptions, 'name' | 'dataUrl' | 'service'>,
): ControlLink | null {
  if (controlUrl === undefined) return null;
  const control = new ControlLink({
    ...who,
    url: controlUrl,
    token: controlToken,
    ca,
    version: VERSION,
    log,
  });
  control.open();
  return control;
}

function guardHost({ token, insecure = false, log }: SwitchOptions, host: string): void {
  if (isLoopback(host) || token !== undefined) return;
  if (!insecure) {
    const text = `refusing to listen on ${host} without a token: give one with ETHERLOOM_TOKEN, ETHERLOOM_TOKEN_FILE or --token-file, or say --insecure`;
    throw new NetError('EACCES', text);
  }
  log.warn(
    { host },
    'listening off loopback without a token: anybody who reaches this port may join any LAN',
  );
}

function openDoor(options: SwitchOptions, data: DataDoor, ready: () => boolean): Door {
  const { token, origins = [], tls } = options;
  const server = createServer({ tls }, (req, res) => probe(req, res, ready));
  const authorize = (req: IncomingMessage) => token === undefined || requestHasToken(req, token);
  const accept = (socket: DataSocket) => data.accept(socket);
  const acceptRaw = (socket: DataSocket, req: IncomingMessage) => data.acceptRaw(socket, rawLan(req));
  const router = createUpgradeRouter({
    server,
    authorize,
    failures: new FailureLimit({ now: () => performance.now() }),
    origins,
    routes: [
      { kind: 'data', path: DATA_PATH, protocol: DATA_PROTOCOL, accept },
      { kind: 'raw', path: RAW_PATH, accept: acceptRaw },
    ],
  });
  return { server, router };
}

async function closeDoor({ server, router }: Door): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  await router.close(1012, 'the switch stops');
  server.closeAllConnections();
  await closed;
}

function rawLan(req: IncomingMessage): string {
  const path = (req.url ?? '/').split('?', 1)[0]!;
  try {
    return decodeURIComponent(RAW_PATH.exec(path)?.[1] ?? '');
  } catch {
    return ''; // no LAN has this name
  }
}

/** /healthz: the process answers. /readyz: it can be told what to do. */
function probe(req: IncomingMessage, res: ServerResponse, ready: () => boolean): void {
  const path = (req.url ?? '/').split('?', 1)[0];
  if (path === '/healthz') answer(res, 200, { status: 'ok' });
  else if (path !== '/readyz') answer(res, 404, { status: 'not found' });
  else if (ready()) answer(res, 200, { status: 'ready' });
  else answer(res, 503, { status: 'waiting', waiting: ['control'] });
}

function answer(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A wildcard address is nobody's: then this machine's name is told. */
function dataUrl({ advertise, tls }: SwitchOptions, host: string, port: number): string {
  if (advertise !== undefined) return withPath(advertise, DATA_PATH);
  const named = host === '0.0.0.0' || host === '::' ? hostname() : host;
  const authority = named.includes(':') ? `[${named}]` : named;
  return withPath(`${tls === undefined ? 'ws' : 'wss'}://${authority}:${port}`, DATA_PATH);
}
