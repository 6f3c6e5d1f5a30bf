/**
 * A shard in a worker: a child process, started when it is first needed and again whenever it ends unasked. A worker
 * that died comes back empty and is told its LANs and links again; its devices reconnect by themselves, and counters
 * start over. Calls made meanwhile wait for it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import process from 'node:process';
import type { DataHello, LinkState, RpcResult, SwitchApply } from '@etherloom/schema';
import type { Log } from '@etherloom/transport-ws';
import type { RawSocket } from './data-door.ts';
import type { SessionSocket } from './data-session.ts';
import { handOver, takeOver } from './hand-over.ts';
import type { Lifted, MovedSocket } from './move-unit.ts';
import type { Shard } from './shard.ts';
import { ShardChannel } from './shard-channel.ts';
import {
  SHARD_EVENTS,
  SHARD_METHODS,
  type ShardMethod,
  type ShardParams,
  type ShardResult,
} from './shard-messages.ts';
import type { SwitchMethod } from './switch-service.ts';
import type { PortState, ShardLoad, UnitState } from './unit-state.ts';

const ENTRY = new URL(`./shard-worker${extname(import.meta.url)}`, import.meta.url);
const FIRST_RESTART_MS = 100;
const MAX_RESTART_MS = 5000;
const STABLE_MS = 30_000;
/** What may take as long as thousands of sockets need to change hands. */
const MOVES: ReadonlySet<ShardMethod> = new Set(['lift', 'land']);
const MOVE_TIMEOUT_MS = 60_000;
/** What a worker gets to say goodbye to its devices before it is killed. */
const STOP_WITHIN_MS = 3000;

export interface WorkerOptions {
  readonly worker: number;
  readonly log: Log;
  /** Arguments of Node itself for the child; as this process was started when absent. */
  readonly execArgv: readonly string[] | undefined;
  /** What lives there, as it is told to a worker that has died and come back. */
  readonly slices: () => SwitchApply;
  readonly onLinkChanged: (link: LinkState) => void;
}

export class WorkerShard implements Shard {
  readonly worker: number;
  readonly #options: WorkerOptions;
  #child: ChildProcess | null = null;
  #channel: Promise<ShardChannel> | null = null;
  #restarts = 0;
  #stopping = false;

  constructor(options: WorkerOptions) {
    this.worker = options.worker;
    this.#options = options;
  }

  async ready(): Promise<void> {
    await this.#started();
  }

  async load(): Promise<ShardLoad> {
    return (await this.#ask('load', {})).result;
  }

  async call<M extends SwitchMethod>(method: M, params: unknown): Promise<RpcResult<M>> {
    return (await this.#ask('agent', { method, params })).result as RpcResult<M>;
  }

  async lift(key: string): Promise<Lifted<UnitState> | null> {
    return landed(await this.#ask('lift', { key }));
  }

  async land({ state, sockets }: Lifted<UnitState>): Promise<void> {
    await this.#ask('land', { state }, sockets);
  }

  async liftPort(endpoint: string): Promise<Lifted<PortState> | null> {
    return landed(await this.#ask('liftPort', { endpoint }));
  }

  async landPort({ state, sockets }: Lifted<PortState>): Promise<void> {
    await this.#ask('landPort', { state }, sockets);
  }

  async admit(socket: SessionSocket, hello: DataHello): Promise<void> {
    await this.#ask('admit', { hello }, [socket]);
  }

  async admitRaw(socket: RawSocket, lan: string, name: string): Promise<void> {
    await this.#ask('admitRaw', { lan, name }, [socket]);
  }

  async close(reason: string): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child === null) return;
    const ended = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await this.#ask('close', { reason }).catch(() => {}); // it may be gone already
    if (child.connected) child.disconnect();
    await ended;
    clearTimeout(timer);
  }

  async #ask<M extends ShardMethod>(
    method: M,
    params: ShardParams<M>,
    sockets: readonly (MovedSocket | null)[] = [],
  ): Promise<{ readonly result: ShardResult<M>; readonly sockets: readonly (MovedSocket | null)[] }> {
    const channel = await this.#started();
    // Only now: a socket that was taken apart for a worker that is not there would be lost.
    const handed = await Promise.all(sockets.map((socket) => (socket === null ? null : handOver(socket))));
    const answer = await channel.call(
      method,
      params,
      handed,
      MOVES.has(method) ? MOVE_TIMEOUT_MS : undefined,
    );
    const result = SHARD_METHODS[method].result.parse(answer.result) as ShardResult<M>;
    return { result, sockets: answer.sockets.map((socket) => (socket === null ? null : takeOver(socket))) };
  }

  #started(): Promise<ShardChannel> {
    this.#channel ??= this.#start();
    return this.#channel;
  }

  async #start(): Promise<ShardChannel> {
    const { worker, log, execArgv = process.execArgv } = this.#options;
    const child = fork(ENTRY, [String(worker)], {
      execArgv: [...execArgv],
      serialization: 'advanced',
      // Why detached: Ctrl-C reaches us alone, and we end the workers in order.
      detached: true,
      env: withoutSecrets(process.env),
    });
    this.#child = child;
    const startedAt = performance.now();
    const channel = new ShardChannel(child, {
      onCall: () => {
        throw new Error('workers ask nothing');
      },
      onNews: (event, params) => this.#onNews(event, params),
    });
    const ended = (code: number | string | null) => {
      channel.close();
      this.#onExit(code, performance.now() - startedAt);
    };
    child.on('exit', (code, signal) => ended(code ?? signal));
    child.on('error', (err) => {
      log.warn({ worker, err }, 'a worker of the switch cannot be started or told');
      if (child.pid === undefined) ended(null); // it never was
    });
    await channel.call('agent', { method: 'switch.apply', params: this.#options.slices() });
    log.info({ worker, pid: child.pid }, 'a worker of the switch forwards');
    return channel;
  }

  #onExit(code: number | string | null, lasted: number): void {
    this.#child = null;
    if (this.#stopping) return;
    if (lasted > STABLE_MS) this.#restarts = 0;
    const delay = Math.min(MAX_RESTART_MS, FIRST_RESTART_MS * 2 ** this.#restarts++);
    const { worker, log } = this.#options;
    const text = `a worker of the switch has ended; starting it again in ${delay} ms. Its devices reconnect, its counters start over`;
    log.warn({ worker, code }, text);
    const channel = new Promise<void>((resolve) => setTimeout(resolve, delay)).then(() => this.#start());
    channel.catch(() => {}); // it has ended again, and who waited is told by the call
    this.#channel = channel;
  }

  #onNews(event: string, params: unknown): void {
    if (event === 'link') this.#options.onLinkChanged(SHARD_EVENTS.link.parse(params).link);
    else if (event === 'log') {
      const { level, fields, text } = SHARD_EVENTS.log.parse(params);
      this.#options.log[level]({ worker: this.worker, ...fields }, text);
    }
  }
}

function landed<State>({
  result,
  sockets,
}: {
  readonly result: State | null;
  readonly sockets: Lifted<State>['sockets'];
}): Lifted<State> | null {
  return result === null ? null : { state: result, sockets };
}

/** What listens and who may come in is the main process's. */
function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('ETHERLOOM_TOKEN')));
}
