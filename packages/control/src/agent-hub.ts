/**
 * The hub that agents dial: who is connected under which name, and what they say unasked. A name belongs to the agent
 * that holds it for as long as that one answers: a second is refused, and one whose machine died is replaced.
 */
import {
  AgentHello,
  issuesOf,
  issueText,
  parseWith,
  RPC_METHODS,
  type RpcMethod,
  type RpcParams,
  type RpcResult,
} from '@etherloom/schema';
import { RpcError, type RpcPeer } from '@etherloom/transport-ws';
import { type Clock, systemClock } from './clock.ts';
import { ControlError } from './control-error.ts';
import type { Log } from './log.ts';

const HELLO_TIMEOUT_MS = 5_000;
const PROBE_TIMEOUT_MS = 1_000;

export interface Agent {
  readonly role: 'node' | 'switch';
  readonly name: string;
  readonly dataUrl: string | null;
  readonly version: string;
  /** Agents of one process have the same. */
  readonly process: { readonly address: string; readonly pid: number };
  /** What the agent answers, as its schema reads it. Rejects with an errno as `code`; RpcError is the agent speaking. */
  call<M extends RpcMethod>(method: M, params: RpcParams<M>, timeoutMs?: number): Promise<RpcResult<M>>;
}

export interface HubListener {
  joined(agent: Agent): void;
  left(agent: Agent): void;
  /** A notification of a connected agent. */
  notified(agent: Agent, method: string, params: unknown): void;
}

const NOTIFICATIONS = ['device.changed', 'link.changed'];

export class AgentHub {
  readonly #listener: HubListener;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #nodes = new Map<string, Connection>();
  readonly #peers = new Set<RpcPeer>();
  #switch: Connection | null = null;

  constructor(listener: HubListener, log: Log, clock: Clock = systemClock) {
    this.#listener = listener;
    this.#log = log;
    this.#clock = clock;
  }

  get switch(): Agent | null {
    return this.#switch;
  }

  node(name: string): Agent | undefined {
    return this.#nodes.get(name);
  }

  nodes(): Agent[] {
    return [...this.#nodes.values()];
  }

  /** Takes over a connected peer, which has to say who it is. `from` is where it dialled from, for the texts. */
  accept(peer: RpcPeer, from: string): void {
    const connection = new Connection(peer, from);
    const late = this.#clock.setTimer(() => peer.close(1008, 'no agent.hello'), HELLO_TIMEOUT_MS);
    this.#peers.add(peer);
    peer.onclose = () => {
      this.#clock.clearTimer(late);
      this.#peers.delete(peer);
      this.#leave(connection);
    };
    peer.handle('agent.hello', async (params) => {
      await this.#join(connection, params);
      this.#clock.clearTimer(late);
      return {};
    });
    for (const method of NOTIFICATIONS) {
      peer.handle(method, (params) => {
        if (this.#holder(connection) === connection) this.#listener.notified(connection, method, params);
      });
    }
  }

  /** Takes a node whose process has ended for gone, before its socket says so. */
  expel(name: string): void {
    const connection = this.#nodes.get(name);
    if (connection === undefined) return;
    this.#leave(connection);
    connection.abandon();
  }

  close(): void {
    for (const peer of this.#peers) peer.close(1001, 'control is closing');
  }

  async #join(connection: Connection, params: unknown): Promise<void> {
    const hello = parseWith(AgentHello, params);
    if (connection.greeted)
      throw new ControlError('EINVAL', `this connection belongs to ${connection.name} already`);
    connection.introduce(hello);
    for (let holder = this.#holder(connection); holder !== null; holder = this.#holder(connection)) {
      await this.#evict(holder, connection);
    }
    if (!connection.open) return;
    if (connection.role === 'switch') this.#switch = connection;
    else this.#nodes.set(connection.name, connection);
    this.#log.info(
      { role: connection.role, name: connection.name, from: connection.from },
      'agent connected',
    );
    // The agent hears that it is welcome before it is asked anything.
    setImmediate(() => {
      if (this.#holder(connection) === connection) this.#listener.joined(connection);
    });
  }

  /** Frees the name of an agent that has gone silent; EEXIST when it still answers. */
  async #evict(holder: Connection, newcomer: Connection): Promise<void> {
    if (!(await holder.answers())) {
      this.#leave(holder);
      holder.abandon();
      return;
    }
    const { role, name, from } = holder;
    this.#log.warn({ role, name, from: newcomer.from }, 'agent refused: its name is in use');
    newcomer.introduce(null);
    throw new ControlError(
      'EEXIST',
      role === 'switch'
        ? `switch ${name}, from ${from}, is connected already and a control has one switch: stop it first`
        : `node ${name} is connected already, from ${from}: stop it first, or give this one another --name`,
    );
  }

  #holder(connection: Connection): Connection | null {
    return connection.role === 'switch' ? this.#switch : (this.#nodes.get(connection.name) ?? null);
  }

  #leave(connection: Connection): void {
    if (!connection.greeted || this.#holder(connection) !== connection) return;
    if (connection.role === 'switch') this.#switch = null;
    else this.#nodes.delete(connection.name);
    this.#log.info({ role: connection.role, name: connection.name }, 'agent disconnected');
    this.#listener.left(connection);
  }
}

class Connection implements Agent {
  readonly from: string;
  readonly #peer: RpcPeer;
  #hello: AgentHello | null = null;

  constructor(peer: RpcPeer, from: string) {
    this.#peer = peer;
    this.from = from;
  }

  get greeted(): boolean {
    return this.#hello !== null;
  }
  get role(): 'node' | 'switch' {
    return this.#hello?.role ?? 'node';
  }
  get name(): string {
    return this.#hello?.name ?? '';
  }
  get version(): string {
    return this.#hello?.version ?? '';
  }
  get process(): { address: string; pid: number } {
    return { address: this.from.replace(/:\d+$/, ''), pid: this.#hello?.pid ?? 0 };
  }
  get dataUrl(): string | null {
    return this.#hello?.role === 'switch' ? this.#hello.dataUrl : null;
  }
  get open(): boolean {
    return this.#peer.open;
  }

  introduce(hello: AgentHello | null): void {
    this.#hello = hello;
  }

  async call<M extends RpcMethod>(
    method: M,
    params: RpcParams<M>,
    timeoutMs = 10_000,
  ): Promise<RpcResult<M>> {
    const result = RPC_METHODS[method].result.safeParse(await this.#peer.call(method, params, { timeoutMs }));
    if (result.success) return result.data as RpcResult<M>;
    const text = issuesOf(result.error)
      .map((issue) => issueText(issue))
      .join('; ');
    throw new ControlError(
      'EPROTO',
      `${this.role} ${this.name} answered ${method} with what it should not: ${text}`,
    );
  }

  /** Whether it says anything at all; "no such method" will do. */
  async answers(): Promise<boolean> {
    try {
      await this.#peer.call('agent.ping', {}, { timeoutMs: PROBE_TIMEOUT_MS });
      return true;
    } catch (error) {
      return error instanceof RpcError;
    }
  }

  abandon(): void {
    this.#peer.close(4408, 'this name is no longer yours');
  }
}
