/** What control may ask of a switch: the agent RPC, one short handler a method, params checked by the schema first. */
import process from 'node:process';
import { NetError } from '@etherloom/netcore';
import { type RpcParams, type RpcResult, SWITCH_METHODS, type SwitchWorker } from '@etherloom/schema';
import type { RpcHandler } from '@etherloom/transport-ws';
import type { Fabric } from './fabric.ts';
import { fdbAdd, fdbDel, fdbList } from './fdb-view.ts';
import { linkStats } from './link-stats.ts';
import { SwitchTraces } from './trace.ts';
import { lanOf } from './unit-state.ts';

export type SwitchMethod = keyof typeof SWITCH_METHODS;
export type SwitchHandlers = {
  [M in SwitchMethod]: (params: RpcParams<M>) => RpcResult<M> | Promise<RpcResult<M>>;
};

export class SwitchService implements SwitchCalls {
  readonly traces: SwitchTraces;
  readonly #handlers: SwitchHandlers;

  constructor(fabric: Fabric, worker = 0) {
    const now = () => fabric.host.now();
    const traces = new SwitchTraces(fabric);
    this.traces = traces;
    this.#handlers = {
      'switch.apply': (slice) => {
        fabric.apply(slice);
        traces.attach();
        return {};
      },
      'trace.start': (wanted) => traces.start(wanted),
      'trace.read': ({ id }) => traces.read(id),
      'trace.stop': ({ id }) => traces.stop(id),
      'switch.state': () => fabric.state(),
      'lan.ports': ({ lan }) =>
        fabric
          .lan(lan)
          .ports()
          .map((port) => port.view()),
      'port.set': ({ lan, port, patch }) => {
        const found = fabric.lan(lan).port(port);
        found.set(patch);
        return found.view();
      },
      'fdb.list': ({ lan }) => fdbList(fabric.lan(lan), now()),
      'fdb.add': ({ lan, mac, ifname, state }) => fdbAdd(fabric.lan(lan), mac, ifname, state, now()),
      'fdb.del': ({ lan, mac, ifname }) => {
        fdbDel(fabric.lan(lan), mac, ifname);
        return {};
      },
      'link.stats': ({ link }) => linkStats(fabric.link(link)),
      'lan.move': ({ lan, worker: to }) => {
        fabric.lan(lan);
        if (to !== worker) throw new NetError('EINVAL', `lan.move: this switch has no worker ${to}`);
        return {};
      },
      'switch.workers': () => [{ worker, pid: process.pid, ...fabricLoad(fabric) }],
    };
  }

  register(handle: (method: string, fn: RpcHandler) => void): void {
    registerMethods(this, handle);
  }

  call<M extends SwitchMethod>(method: M, params: unknown): RpcResult<M> | Promise<RpcResult<M>> {
    return this.#handlers[method](readParams(method, params));
  }
}

/** Whoever answers for a switch: one process, or many. */
export interface SwitchCalls {
  /** Hands every method to a peer. */
  register(handle: (method: string, fn: RpcHandler) => void): void;
  /** Throws or rejects with an errno name as `code`. */
  call<M extends SwitchMethod>(method: M, params: unknown): RpcResult<M> | Promise<RpcResult<M>>;
}

export function registerMethods(calls: SwitchCalls, handle: (method: string, fn: RpcHandler) => void): void {
  for (const method of Object.keys(SWITCH_METHODS) as SwitchMethod[]) {
    handle(method, (params) => calls.call(method, params));
  }
}

/** Throws EINVAL for what the schema refuses. */
export function readParams<M extends SwitchMethod>(method: M, params: unknown): RpcParams<M> {
  const parsed = SWITCH_METHODS[method].params.safeParse(params);
  if (parsed.success) return parsed.data as RpcParams<M>;
  const issue = parsed.error.issues[0];
  const text = `${method}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'bad params'}`;
  throw new NetError('EINVAL', text);
}

/** What this process has done so far, and for whom. */
function fabricLoad(fabric: Fabric): Omit<SwitchWorker, 'worker' | 'pid'> {
  const links = fabric.links();
  const { user, system } = process.cpuUsage();
  return {
    lans: fabric.lans().map(({ name }) => name),
    wires: links.filter(({ slice }) => slice !== null && lanOf(slice) === null).map(({ name }) => name),
    cpu: (user + system) / 1e6,
    frames: links.reduce((sum, { forward, reverse }) => sum + forward.tx + reverse.tx, 0),
  };
}
