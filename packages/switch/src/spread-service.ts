/**
 * A switch of several workers, seen from outside: the same methods, answered by the process that has the LAN or the
 * link. It knows where every unit lives, moves them, and sends new sockets there. What changes places goes one after
 * the other (`#inTurn`); questions about a unit that is moving wait for it, and it waits for questions under way.
 */
import { NetError } from '@etherloom/netcore';
import type {
  DataHello,
  LinkState,
  RpcResult,
  SwitchApply,
  SwitchState,
  SwitchWorker,
} from '@etherloom/schema';
import type { Log, RpcHandler } from '@etherloom/transport-ws';
import type { Elsewhere, RawSocket } from './data-door.ts';
import type { SessionSocket } from './data-session.ts';
import { checkSlices } from './fabric.ts';
import { placeUnits } from './placement.ts';
import type { Shard } from './shard.ts';
import { readParams, registerMethods, type SwitchCalls, type SwitchMethod } from './switch-service.ts';
import { mergeSeen } from './trace-merge.ts';
import { devicesOf, lanUnit, slicesOf, type Unit, unitsOf } from './unit-state.ts';

export interface SpreadOptions {
  readonly workers: number;
  readonly log: Log;
  /** The shard of this process, worker 0. */
  readonly own: () => Shard;
  /** Called once for each worker but 0, when it is first needed. `slices` is what is to live there at any time. */
  readonly worker: (worker: number, slices: () => SwitchApply, changed: (link: LinkState) => void) => Shard;
  readonly onLinkChanged: (link: LinkState) => void;
}

/** Whether a link is among those that are told. */
type Chosen = (link: { readonly a: string; readonly b: string }) => boolean;

export class SpreadService implements SwitchCalls, Elsewhere {
  readonly #options: SpreadOptions;
  readonly #shards: (Shard | undefined)[] = [];
  #units: ReadonlyMap<string, Unit> = new Map();
  /** Worker by unit. */
  #places = new Map<string, number>();
  /** Unit by link, and by the device at its end. */
  readonly #unitOfLink = new Map<string, string>();
  readonly #unitOfDevice = new Map<string, string>();
  /** Worker by device, of those that were unplugged there. */
  readonly #strays = new Map<string, number>();
  readonly #moving = new Map<string, Promise<void>>();
  readonly #reads = new Map<string, Set<Promise<unknown>>>();
  /** Links as they were told last: one that arrives with a worker is no news. */
  readonly #told = new Map<string, string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SpreadOptions) {
    this.#options = options;
  }

  /** The shards that have been started, this process's first. */
  get shards(): Shard[] {
    this.#shards[0] ??= this.#options.own();
    return this.#shards.filter((shard) => shard !== undefined);
  }

  get workers(): number {
    return this.#options.workers;
  }

  register(handle: (method: string, fn: RpcHandler) => void): void {
    registerMethods(this, handle);
  }

  call<M extends SwitchMethod>(method: M, params: unknown): Promise<RpcResult<M>> {
    const checked = readParams(method, params);
    return this.#answer(method, checked as never) as Promise<RpcResult<M>>;
  }

  /** From this process's links, and from workers. */
  linkChanged(link: LinkState): void {
    if (!this.#unitOfLink.has(link.name)) return; // it has been taken away meanwhile
    const text = JSON.stringify(link);
    if (this.#told.get(link.name) === text) return;
    this.#told.set(link.name, text);
    this.#options.onLinkChanged(link);
  }

  takeDevice(socket: SessionSocket, endpoint: string, hello: DataHello): boolean {
    const where = () => this.#workerOfDevice(endpoint);
    const moving = this.#moving.get(this.#unitOfDevice.get(endpoint) ?? '');
    if (moving === undefined && where() === 0) return false;
    void this.#send(socket, moving, () => this.#shard(where()).admit(socket, hello));
    return true;
  }

  /** `lan`: the name of one, or the end of a link, `raw:vm1`. */
  takeRaw(socket: RawSocket, lan: string, name: string): boolean {
    const unit = this.#unitOfDevice.get(lan) ?? lanUnit(lan);
    const where = () => this.#places.get(unit) ?? 0;
    const moving = this.#moving.get(unit);
    if (moving === undefined && where() === 0) return false;
    void this.#send(socket, moving, () => this.#shard(where()).admitRaw(socket, lan, name));
    return true;
  }

  /** Lets a unit live with another worker; its devices notice a pause at most. */
  moveUnit(key: string, to: number): Promise<void> {
    return this.#inTurn(async () => {
      const from = this.#places.get(key);
      if (from === undefined) throw new NetError('ENODEV', `this switch has no ${key}`);
      if (from !== to) await this.#announced(key, () => this.#move(key, from, to));
    });
  }

  async close(reason: string): Promise<void> {
    await Promise.all(this.shards.map((shard) => shard.close(reason)));
  }

  async #answer(method: SwitchMethod, params: never): Promise<unknown> {
    switch (method) {
      case 'switch.apply':
        await this.#apply(params);
        return {};
      case 'switch.state':
        return this.#state();
      case 'trace.start':
      case 'trace.stop':
        await Promise.all(this.shards.map((shard) => shard.call(method, params)));
        return {};
      case 'trace.read':
        return mergeSeen(await Promise.allSettled(this.shards.map((shard) => shard.call(method, params))));
      case 'switch.workers':
        return this.#workerList();
      case 'lan.move':
        await this.#moveLan(params);
        return {};
      default:
        return this.#ask(method, params);
    }
  }

  /** About one LAN or link: who has it answers; of what nobody has, this process says so. */
  async #ask(
    method: SwitchMethod,
    params: { readonly lan?: string; readonly link?: string },
  ): Promise<unknown> {
    const { lan, link = '' } = params;
    const key = lan === undefined ? (this.#unitOfLink.get(link) ?? '') : lanUnit(lan);
    await this.#moving.get(key);
    const answer = this.#shard(this.#places.get(key) ?? 0).call(method, params);
    const reads = this.#reads.get(key) ?? new Set();
    this.#reads.set(key, reads.add(answer));
    try {
      return await answer;
    } finally {
      reads.delete(answer);
      if (reads.size === 0) this.#reads.delete(key);
    }
  }

  async #apply(wanted: SwitchApply): Promise<void> {
    checkSlices(wanted.lans, wanted.links);
    await this.#inTurn(async () => {
      const before = new Map(
        [...this.#unitOfDevice].map(([device]) => [device, this.#workerOfDevice(device)]),
      );
      this.#units = unitsOf(wanted);
      this.#places = placeUnits(this.#units, this.#places, this.workers);
      this.#index();
      for (const [device, worker] of before) {
        if (!this.#unitOfDevice.has(device) && worker !== 0) this.#strays.set(device, worker);
      }
      await this.#bringDevices(before);
      await this.#applyAll(() => true);
    });
  }

  /** What can be found by name. */
  #index(): void {
    this.#unitOfLink.clear();
    this.#unitOfDevice.clear();
    for (const { key, links } of this.#units.values()) {
      for (const link of links) {
        this.#unitOfLink.set(link.name, key);
        for (const device of devicesOf(link)) this.#unitOfDevice.set(device, key);
      }
    }
    for (const name of this.#told.keys()) if (!this.#unitOfLink.has(name)) this.#told.delete(name);
  }

  /** Devices whose link is with another worker now take their ports there before the link is plugged in. */
  async #bringDevices(before: ReadonlyMap<string, number>): Promise<void> {
    const moves = new Map<string, { from: number; to: number }>();
    for (const device of this.#unitOfDevice.keys()) {
      const from = before.get(device) ?? this.#strays.get(device) ?? 0;
      const to = this.#workerOfDevice(device);
      this.#strays.delete(device);
      if (from !== to) moves.set(device, { from, to });
    }
    if (moves.size === 0) return;
    await this.#applyAll((link) => !devicesOf(link).some((device) => moves.has(device)));
    for (const [device, { from, to }] of moves) {
      const lifted = this.#shards[from] === undefined ? null : await this.#shard(from).liftPort(device);
      if (lifted !== null) await this.#shard(to).landPort(lifted);
    }
  }

  /** Tells each worker what is to live there, as far as `chosen` goes. */
  async #applyAll(chosen: Chosen): Promise<void> {
    const used = new Set([...this.#places.values(), ...this.shards.map(({ worker }) => worker)]);
    await Promise.all([...used].map((worker) => this.#applyTo(worker, chosen)));
  }

  async #applyTo(worker: number, chosen: Chosen = () => true): Promise<void> {
    const { lans, links } = this.#slices(worker);
    await this.#shard(worker).call('switch.apply', { lans, links: links.filter(chosen) });
  }

  async #move(key: string, from: number, to: number): Promise<void> {
    await this.#shard(to).ready();
    await Promise.allSettled(this.#reads.get(key) ?? []);
    const lifted = await this.#shard(from).lift(key);
    try {
      if (lifted !== null) await this.#shard(to).land(lifted);
    } finally {
      this.#places.set(key, to);
    }
    // What control wants, should either process have died on the way.
    await Promise.all([this.#applyTo(from), this.#applyTo(to)]);
    this.#options.log.info({ unit: key, from, to }, 'moved to another worker');
  }

  async #moveLan({ lan, worker }: { readonly lan: string; readonly worker: number }): Promise<void> {
    if (worker >= this.workers) throw new NetError('EINVAL', `lan.move: this switch has no worker ${worker}`);
    if (!this.#places.has(lanUnit(lan))) throw new NetError('ENODEV', `this switch has no LAN ${lan}`);
    await this.moveUnit(lanUnit(lan), worker);
  }

  async #state(): Promise<SwitchState> {
    await this.#turn;
    const states = (await Promise.all(
      this.shards.map((shard) => shard.call('switch.state', {})),
    )) as SwitchState[];
    const { lans, links } = slicesOf(this.#units.values());
    return {
      lans: inOrder(
        lans,
        states.flatMap((state) => state.lans),
      ),
      links: inOrder(
        links,
        states.flatMap((state) => state.links),
      ),
    };
  }

  async #workerList(): Promise<SwitchWorker[]> {
    await this.#turn;
    const lists = await Promise.all(this.shards.map((shard) => shard.call('switch.workers', {})));
    return (lists as SwitchWorker[][]).flat();
  }

  /** A new socket, to the worker that has its port. It is not read meanwhile. */
  async #send(
    socket: SessionSocket | RawSocket,
    moving: Promise<void> | undefined,
    admit: () => Promise<void>,
  ) {
    socket.pause?.();
    socket.onmessage = null;
    socket.onclose = null;
    try {
      await moving;
      await admit();
    } catch (err) {
      this.#options.log.warn({ err }, 'a socket did not reach its worker; its device will connect again');
      socket.close(1012, 'try again');
    }
  }

  #shard(worker: number): Shard {
    const { own, worker: create } = this.#options;
    const slices = () => this.#slices(worker);
    const make = () => (worker === 0 ? own() : create(worker, slices, (link) => this.linkChanged(link)));
    this.#shards[worker] ??= make();
    return this.#shards[worker];
  }

  #slices(worker: number): SwitchApply {
    return slicesOf([...this.#units.values()].filter(({ key }) => this.#places.get(key) === worker));
  }

  #workerOfDevice(endpoint: string): number {
    const key = this.#unitOfDevice.get(endpoint);
    return key === undefined ? (this.#strays.get(endpoint) ?? 0) : (this.#places.get(key) ?? 0);
  }

  async #announced(key: string, move: () => Promise<void>): Promise<void> {
    const moved = move();
    const settled = moved.catch(() => {}); // who waits for the end of it does not ask how it ended
    this.#moving.set(key, settled);
    try {
      await moved;
    } finally {
      this.#moving.delete(key);
    }
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {});
    return done;
  }
}

/** The items of all workers in the order of the slices: the same as one process would give. */
function inOrder<T extends { readonly name: string }>(
  slices: readonly { readonly name: string }[],
  items: T[],
): T[] {
  const byName = new Map(items.map((item) => [item.name, item]));
  return slices.map(({ name }) => byName.get(name)).filter((item) => item !== undefined);
}
