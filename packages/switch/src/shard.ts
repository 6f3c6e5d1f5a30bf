/** What the process that listens asks of a shard, be it here or in a worker. */
import type { DataHello, RpcResult } from '@etherloom/schema';
import type { RawSocket } from './data-door.ts';
import type { SessionSocket } from './data-session.ts';
import type { LocalShard } from './local-shard.ts';
import type { Lifted } from './move-unit.ts';
import type { SwitchMethod } from './switch-service.ts';
import type { PortState, ShardLoad, UnitState } from './unit-state.ts';

export interface Shard {
  readonly worker: number;
  /** Resolves once it can be asked. */
  ready(): Promise<void>;
  load(): Promise<ShardLoad>;
  /** A method of the agent RPC with params that have been checked. */
  call<M extends SwitchMethod>(method: M, params: unknown): Promise<RpcResult<M>>;
  lift(key: string): Promise<Lifted<UnitState> | null>;
  land(lifted: Lifted<UnitState>): Promise<void>;
  liftPort(endpoint: string): Promise<Lifted<PortState> | null>;
  landPort(lifted: Lifted<PortState>): Promise<void>;
  admit(socket: SessionSocket, hello: DataHello): Promise<void>;
  admitRaw(socket: RawSocket, lan: string, name: string): Promise<void>;
  close(reason: string): Promise<void>;
}

/** The shard of this process. */
export class OwnShard implements Shard {
  readonly worker = 0;
  readonly #shard: LocalShard;

  constructor(shard: LocalShard) {
    this.#shard = shard;
  }

  async ready(): Promise<void> {}

  async load(): Promise<ShardLoad> {
    return this.#shard.load();
  }

  async call<M extends SwitchMethod>(method: M, params: unknown): Promise<RpcResult<M>> {
    return await this.#shard.service.call(method, params);
  }

  lift(key: string): Promise<Lifted<UnitState> | null> {
    return this.#shard.lift(key);
  }

  async land(lifted: Lifted<UnitState>): Promise<void> {
    this.#shard.land(lifted);
  }

  async liftPort(endpoint: string): Promise<Lifted<PortState> | null> {
    return this.#shard.liftPort(endpoint);
  }

  async landPort(lifted: Lifted<PortState>): Promise<void> {
    this.#shard.landPort(lifted);
  }

  async admit(socket: SessionSocket, hello: DataHello): Promise<void> {
    this.#shard.door.admit(socket, hello);
  }

  async admitRaw(socket: RawSocket, lan: string, name: string): Promise<void> {
    this.#shard.door.admitRaw(socket, lan, name);
  }

  async close(reason: string): Promise<void> {
    this.#shard.close(reason);
  }
}
