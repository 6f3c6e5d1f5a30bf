/** What control may ask of a switch: the agent RPC, one short handler a method, params checked by the schema first. */
import { NetError } from '@etherloom/netcore';
import { type RpcParams, type RpcResult, SWITCH_METHODS } from '@etherloom/schema';
import type { RpcHandler } from '@etherloom/transport-ws';
import type { Fabric } from './fabric.ts';
import { fdbAdd, fdbDel, fdbList } from './fdb-view.ts';
import { linkStats } from './link-stats.ts';

type SwitchMethod = keyof typeof SWITCH_METHODS;
type Handlers = { [M in SwitchMethod]: (params: RpcParams<M>) => RpcResult<M> | Promise<RpcResult<M>> };

export class SwitchService {
  readonly #handlers: Handlers;

  constructor(fabric: Fabric) {
    const now = () => fabric.host.now();
    this.#handlers = {
      'switch.apply': (slice) => {
        fabric.apply(slice);
        return {};
      },
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
    };
  }

  /** Hands every method to a peer. */
  register(handle: (method: string, fn: RpcHandler) => void): void {
    for (const method of Object.keys(SWITCH_METHODS) as SwitchMethod[]) {
      handle(method, (params) => this.call(method, params));
    }
  }

  /** Throws or rejects with an errno name as `code`. */
  call<M extends SwitchMethod>(method: M, params: unknown): RpcResult<M> | Promise<RpcResult<M>> {
    const parsed = SWITCH_METHODS[method].params.safeParse(params);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new NetError(
        'EINVAL',
        `${method}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'bad params'}`,
      );
    }
    return this.#handlers[method](parsed.data as RpcParams<M>);
  }
}
