/**
 * The node's side of `/v1/agent`: says who it is, does what control asks, tells what changes. Losing control changes
 * nothing here: devices and cables stay as they are, and control brings the node up to date when it is back.
 */
import type { NetDevice } from '@etherloom/netcore';
import { type AgentHello, NODE_METHODS, type NodeApply, parseWith, type Stack } from '@etherloom/schema';
import type { Log, RpcClient, RpcPeer } from '@etherloom/transport-ws';
import type { DeviceManager } from './device-manager.ts';
import type { NodeTraces } from './trace.ts';

/** One that will not go away by dialling again: another agent has the name, or control refuses the token. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

export interface AgentOptions {
  readonly client: RpcClient;
  readonly devices: DeviceManager;
  readonly traces: NodeTraces;
  readonly hello: AgentHello;
  /** Wins over the stack that control names. */
  readonly stack: Stack | undefined;
  readonly log: Log;
  /** Called once at most, and not after control has taken this node in for the first time. */
  readonly onrefused: (error: RefusedError) => void;
}

const HANDSHAKE_REFUSALS: Readonly<Record<string, string>> = {
  '401':
    'control does not accept the token: give the right one with ETHERLOOM_TOKEN, ETHERLOOM_TOKEN_FILE or --token-file',
  '403': 'control refuses this connection (403)',
};

export class Agent {
  readonly #options: AgentOptions;
  #welcome = false;
  #failing = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    const { client } = options;
    client.onconnect = (peer) => void this.#greet(peer);
    client.ondisconnect = (code, reason) => this.#lost(code, reason);
    client.onfailed = (err) => this.#onFailed(err);
  }

  /** Leaves control without a word about it. */
  close(): void {
    this.#welcome = false;
    this.#options.client.close(1000, 'node stops');
  }

  /** A device changed: control is told, when it is there. */
  changed(dev: NetDevice): void {
    const device = this.#options.devices.find(dev);
    if (device !== null) this.#options.client.peer?.notify('device.changed', { device });
  }

  async #greet(peer: RpcPeer): Promise<void> {
    const { log, devices, traces, hello } = this.#options;
    this.#failing = false;
    serve(peer, devices, this.#options.stack, traces);
    try {
      await peer.call('agent.hello', hello);
    } catch (err) {
      this.#refused(peer, err as Error & { code?: string });
      return;
    }
    this.#welcome = true;
    log.info({}, 'connected to control');
    for (const device of devices.list()) peer.notify('device.changed', { device });
  }

  #refused(peer: RpcPeer, err: Error & { code?: string }): void {
    if (err.code === 'EEXIST' && !this.#welcome) {
      this.#options.onrefused(new RefusedError(err.message, { cause: err }));
      return;
    }
    this.#options.log.warn({ err }, 'control did not take this node in; trying again');
    peer.close(1000, 'trying again');
  }

  #lost(code: number, reason: string): void {
    this.#options.traces.stopAll();
    if (this.#welcome) this.#options.log.warn({ code, reason }, 'lost control; frames go on, dialling again');
  }

  /** Says once that control cannot be reached, not at every attempt. */
  #onFailed(err: Error): void {
    const status = /Unexpected server response: (\d+)/.exec(err.message)?.[1] ?? '';
    const refusal = HANDSHAKE_REFUSALS[status];
    if (refusal !== undefined && !this.#welcome) {
      this.#options.onrefused(new RefusedError(refusal, { cause: err }));
    } else if (!this.#failing) {
      this.#options.log.warn({ err }, 'cannot reach control; dialling again until it answers');
    }
    this.#failing = true;
  }
}

/** What control may ask of a node; params are checked before anything is done. */
function serve(peer: RpcPeer, devices: DeviceManager, stack: Stack | undefined, traces: NodeTraces): void {
  type Method = keyof typeof NODE_METHODS;
  const handle = <M extends Method>(method: M, fn: (params: ParamsOf<M>) => unknown) => {
    const { params } = NODE_METHODS[method];
    peer.handle(method, (given) => fn(parseWith(params, given) as ParamsOf<M>));
  };
  handle('node.apply', (wanted) => devices.apply(withStack(wanted, stack)));
  handle('node.ping', (request) => devices.ping(request));
  handle('device.list', () => devices.list());
  handle('device.set', ({ device, patch }) => devices.set(device, patch));
  handle('device.stats', ({ device }) => devices.stats(device));
  handle('device.ethtool', ({ device }) => devices.ethtool(device));
  handle('ethtool.set', ({ device, patch }) => devices.setEthtool(device, patch));
  handle('device.qdisc', ({ device }) => devices.qdisc(device));
  handle('qdisc.set', ({ device, qdisc }) => devices.setQdisc(device, qdisc));
  handle('qdisc.del', ({ device, qdisc }) => devices.deleteQdisc(device, qdisc));
  handle('node.addresses', () => devices.addresses());
  handle('node.neighbours', () => devices.neighbours());
  handle('trace.start', (wanted) => traces.start(wanted));
  handle('trace.read', ({ id }) => traces.read(id));
  handle('trace.stop', ({ id }) => traces.stop(id));
}

type ParamsOf<M extends keyof typeof NODE_METHODS> = (typeof NODE_METHODS)[M]['params']['_output'];

function withStack(wanted: NodeApply, stack: Stack | undefined): NodeApply {
  return stack === undefined ? wanted : { ...wanted, stack };
}
