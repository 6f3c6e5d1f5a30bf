/** The main module of a worker of a switch: one shard, told by the process that listens, gone when that is gone. */
import type { Socket } from 'node:net';
import process from 'node:process';
import type { Log } from '@etherloom/transport-ws';
import type { RawSocket } from './data-door.ts';
import type { SessionSocket } from './data-session.ts';
import { handOver, takeOver } from './hand-over.ts';
import { LocalShard } from './local-shard.ts';
import type { Lifted, MovedSocket } from './move-unit.ts';
import { nodeHost } from './node-host.ts';
import { type Answer, type HandedSocket, ShardChannel } from './shard-channel.ts';
import {
  SHARD_METHODS,
  type ShardEvent,
  type ShardMethod,
  type ShardNews,
  type ShardParams,
} from './shard-messages.ts';
import { warmUp } from './warm-up.ts';

type Sockets = readonly (MovedSocket | null)[];
type Handlers = { [M in ShardMethod]: (params: ShardParams<M>, sockets: Sockets) => unknown };

/** What a goodbye gets to leave. */
const CLOSE_WITHIN_MS = 500;
/** As many as the process that listens takes. */
const MAX_SOCKETS = 16_384;

const worker = Number(process.argv[2]);
const log: Log = {
  debug: (fields, text) => tell('log', { level: 'debug', fields: { ...fields }, text }),
  info: (fields, text) => tell('log', { level: 'info', fields: { ...fields }, text }),
  warn: (fields, text) => tell('log', { level: 'warn', fields: { ...fields }, text }),
};
const shard = new LocalShard({
  worker,
  host: nodeHost,
  log,
  onLinkChanged: (link) => tell('link', { link }),
});
const open = new Set<Socket>();

const handlers: Handlers = {
  load: () => shard.load(),
  agent: ({ method, params }) => shard.service.call(method, params),
  lift: async ({ key }) => hand(await shard.lift(key)),
  land: ({ state }, sockets) => shard.land({ state, sockets }),
  liftPort: ({ endpoint }) => hand(shard.liftPort(endpoint)),
  landPort: ({ state }, sockets) => shard.landPort({ state, sockets }),
  admit: ({ hello }, [socket]) => {
    if (socket != null) shard.door.admit(socket as SessionSocket, hello);
  },
  admitRaw: ({ lan, name }, [socket]) => {
    if (socket != null) shard.door.admitRaw(socket as RawSocket, lan, name);
  },
  close: async ({ reason }) => {
    shard.close(reason);
    await until(() => open.size === 0, CLOSE_WITHIN_MS);
  },
};

warmUp().catch((err) => log.debug({ err }, 'could not warm up'));
const channel = new ShardChannel(process, { onCall, onNews: () => {} });
// The process that listens is gone, or has no use for us; a signal to everybody is not for us to obey.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => {});

function tell<E extends ShardEvent>(event: E, params: ShardNews<E>): void {
  channel.news(event, params);
}

async function onCall(name: string, params: unknown, handed: Answer['sockets']): Promise<Answer> {
  const method = name as ShardMethod;
  const read = SHARD_METHODS[method].params.parse(params) as never;
  const result = await handlers[method](read, handed.map(receive));
  return result instanceof Handed ? result : { result: result ?? {}, sockets: [] };
}

/** What was lifted, as an answer. */
class Handed implements Answer {
  readonly result: unknown;
  readonly sockets: Answer['sockets'];

  constructor(result: unknown, sockets: Answer['sockets']) {
    this.result = result;
    this.sockets = sockets;
  }
}

async function hand(lifted: Lifted<unknown> | null): Promise<Handed> {
  if (lifted === null) return new Handed(null, []);
  return new Handed(lifted.state, await Promise.all(lifted.sockets.map((socket) => handOver(socket))));
}

function receive(handed: HandedSocket | null): MovedSocket | null {
  if (handed === null) return null;
  const { socket } = handed;
  if (open.size >= MAX_SOCKETS) {
    socket.destroy();
    return null;
  }
  open.add(socket);
  socket.once('close', () => open.delete(socket));
  return takeOver(handed);
}

function until(done: () => boolean, ms: number): Promise<void> {
  const deadline = performance.now() + ms;
  return new Promise((resolve) => {
    const look = () => (done() || performance.now() > deadline ? resolve() : setTimeout(look, 5));
    look();
  });
}
