/**
 * Agents that speak the real RPC over real sockets and keep devices and cables in maps: what a switch and nodes look like
 * to control, without frames. They tell each other who is plugged in through a Fabric.
 */
import {
  AGENT_PATH,
  AGENT_PROTOCOL,
  type DeviceSlice,
  type Ethtool,
  type IpLink,
  type LinkSlice,
  type LinkState,
  NODE_METHODS,
  type NodeApply,
  type Qdisc,
  SWITCH_METHODS,
  type SwitchApply,
} from '@etherloom/schema';
import { CodedError, RpcClient, type RpcHandler } from '@etherloom/transport-ws';

const NO_STATS = {
  rx: { bytes: 0, packets: 0, errors: 0, dropped: 0, over_errors: 0, multicast: 0 },
  tx: { bytes: 0, packets: 0, errors: 0, dropped: 0, carrier_errors: 0, collisions: 0, carrier_changes: 0 },
};
const NO_COUNTERS = { bytes: 0, packets: 0, drops: 0, overlimits: 0, requeues: 0, backlog: 0, qlen: 0 };
const NO_ETHTOOL = {
  drvinfo: {},
  settings: {},
  coalesce: {},
  channels: {},
  pause: {},
  features: {},
  stats: {},
};
const RX_DETAIL = { length_errors: 0, crc_errors: 0, frame_errors: 0, fifo_errors: 0, missed_errors: 0 };
const TX_DETAIL = { aborted_errors: 0, fifo_errors: 0, window_errors: 0, heartbeat_errors: 0 };
const STATS64 = { rx: { ...NO_STATS.rx, ...RX_DETAIL }, tx: { ...NO_STATS.tx, ...TX_DETAIL } };

/** Which devices have their cable in the switch, and are up; and the switch's cables. */
export class Fabric {
  readonly plugged = new Map<string, boolean>();
  links: readonly LinkSlice[] = [];
  readonly listeners = new Set<() => void>();

  changed(): void {
    for (const listener of this.listeners) listener();
  }

  carrier(endpoint: string): boolean {
    const link = this.links.find(({ a, b }) => a === endpoint || b === endpoint);
    if (link === undefined || !link.carrier) return false;
    const far = link.a === endpoint ? link.b : link.a;
    return far.startsWith('lan:') || this.plugged.get(far) === true;
  }

  state({ name, carrier, a, b }: LinkSlice): LinkState {
    const ends = [a, b].map((endpoint) => ({
      endpoint,
      attached: endpoint.startsWith('lan:') || this.plugged.has(endpoint),
      up: endpoint.startsWith('lan:') || this.plugged.get(endpoint) === true,
      carrier: this.carrier(endpoint),
    }));
    return { name, carrier, ends };
  }
}

export interface FakeAgentOptions {
  readonly url: string;
  readonly name: string;
  readonly fabric: Fabric;
  readonly token?: string;
}

/** Traces are taken and show nothing. */
const COMMON: Record<string, RpcHandler> = {
  'agent.ping': () => ({}),
  'trace.start': () => ({}),
  'trace.read': () => ({ machine: 'm', wall: 0, lost: 0, frames: [], events: [] }),
  'trace.stop': () => ({}),
};

abstract class FakeAgent {
  readonly name: string;
  /** Every request, in order. */
  readonly calls: Array<{ method: string; params: unknown }> = [];
  /** Requests of this method get no answer. */
  deaf: string | null = null;
  /** Requests of this method are refused. */
  refuses: { method: string; code: string; message: string } | null = null;
  protected readonly fabric: Fabric;
  readonly #client: RpcClient;
  readonly #tell = () => this.tell((method, params) => this.#client.peer?.notify(method, params));

  constructor({ url, name, fabric, token }: FakeAgentOptions) {
    this.name = name;
    this.fabric = fabric;
    this.#client = new RpcClient({
      url: `${url.replace(/^http/, 'ws')}${AGENT_PATH}`, // also ws+unix:/SOCKET:
      protocol: AGENT_PROTOCOL,
      random: () => 0.5,
      ...(token !== undefined && { token }),
    });
  }

  protected abstract hello(): object;
  protected abstract handlers(): Record<string, RpcHandler>;
  protected abstract tell(notify: (method: string, params: unknown) => void): void;

  /** Resolves when control has said that it is welcome; rejects with why it is not. */
  start(): Promise<void> {
    this.fabric.listeners.add(this.#tell);
    return new Promise((resolve, reject) => {
      this.#client.onfailed = reject;
      this.#client.onconnect = (peer) => {
        const handlers: Record<string, RpcHandler> = { ...COMMON, ...this.handlers() };
        for (const [method, handler] of Object.entries(handlers)) {
          peer.handle(method, (params) => this.#answer(method, params, handler));
        }
        peer
          .call('agent.hello', { name: this.name, version: '0', pid: 1, ...this.hello() })
          .then(() => resolve(), reject);
      };
      this.#client.open();
    });
  }

  stop(): void {
    this.fabric.listeners.delete(this.#tell);
    this.#client.close();
  }

  /** Loses the connection and dials again, as after a broken network. */
  breakConnection(): void {
    this.#client.peer?.terminate();
  }

  called(method: string): unknown[] {
    return this.calls.filter((call) => call.method === method).map((call) => call.params);
  }

  #answer(method: string, params: unknown, handler: RpcHandler): unknown {
    this.calls.push({ method, params });
    if (this.deaf === method) return new Promise(() => {});
    if (this.refuses?.method === method) throw new CodedError(this.refuses.code, this.refuses.message);
    return handler(params);
  }
}

export class FakeSwitch extends FakeAgent {
  readonly dataUrl = 'ws://127.0.0.1:9/v1/data';
  lans: SwitchApply['lans'] = [];

  protected override hello(): object {
    return { role: 'switch', dataUrl: this.dataUrl };
  }

  protected override handlers(): Record<string, RpcHandler> {
    return {
      'switch.apply': (params) => {
        const { lans, links } = SWITCH_METHODS['switch.apply'].params.parse(params);
        this.lans = lans;
        this.fabric.links = links;
        this.fabric.changed();
        return {};
      },
      'switch.state': () => ({
        lans: this.lans,
        links: this.fabric.links.map((link) => this.fabric.state(link)),
      }),
      'fdb.list': () => [],
    };
  }

  protected override tell(notify: (method: string, params: unknown) => void): void {
    for (const link of this.fabric.links) notify('link.changed', { link: this.fabric.state(link) });
  }
}

export class FakeNode extends FakeAgent {
  devices = new Map<string, DeviceSlice & { carrier?: boolean | undefined }>();
  ethtool: Ethtool = { ...NO_ETHTOOL, ring: { 'rx-max': 512, 'tx-max': 512, rx: 256, tx: 256 } };
  qdiscs: Qdisc[] = [];
  /** Devices that cannot be made, with the reason. */
  readonly impossible = new Map<string, { code: string; message: string }>();

  /** What device.set refuses, as `txqlen=7`. */
  readonly fails = new Map<string, { code: string; message: string }>();

  protected override hello(): object {
    return { role: 'node' };
  }

  protected override handlers(): Record<string, RpcHandler> {
    return {
      'node.apply': (params) => this.#apply(NODE_METHODS['node.apply'].params.parse(params)),
      'node.ping': (params) => ({
        target: (params as { target: string }).target,
        sent: 1,
        received: 1,
        rtt: null,
      }),
      'device.list': () => [...this.devices.keys()].map((name) => this.#show(name)),
      'device.ethtool': () => this.ethtool,
      'ethtool.set': (params) => {
        const { patch } = NODE_METHODS['ethtool.set'].params.parse(params);
        this.ethtool = { ...this.ethtool, ring: { ...this.ethtool.ring, ...patch.ring } as Ethtool['ring'] };
        return this.ethtool;
      },
      'device.qdisc': () => this.qdiscs,
      'qdisc.set': (params) => {
        const { qdisc } = NODE_METHODS['qdisc.set'].params.parse(params);
        const { kind, handle = '8001:', options } = qdisc;
        this.qdiscs = [{ kind, handle, dev: 'eth0', root: true, options, ...NO_COUNTERS }];
        return this.qdiscs;
      },
      'device.set': (params) => this.#set(NODE_METHODS['device.set'].params.parse(params)),
    };
  }

  protected override tell(notify: (method: string, params: unknown) => void): void {
    for (const name of this.devices.keys()) notify('device.changed', { device: this.#show(name) });
  }

  #apply({ devices }: NodeApply): unknown {
    for (const name of this.devices.keys()) this.fabric.plugged.delete(`${this.name}:${name}`);
    const results = devices.map(({ name: device }) => ({ device, error: this.impossible.get(device) }));
    const made = devices.filter(({ name }) => !this.impossible.has(name));
    // What a slice does not name stays as it is.
    this.devices = new Map(
      made.map((device) => [device.name, { ...this.devices.get(device.name), ...device }]),
    );
    this.#replug();
    return { results };
  }

  #set({ device: name, patch }: { device: string; patch: Record<string, unknown> }): IpLink {
    const device = this.devices.get(name);
    if (device === undefined) throw new CodedError('ENODEV', `no device ${name}`);
    for (const [key, value] of Object.entries(patch)) {
      const refusal = this.fails.get(`${key}=${value}`);
      if (refusal !== undefined) throw new CodedError(refusal.code, refusal.message);
    }
    const { address, ...rest } = patch;
    this.devices.set(name, { ...device, ...rest, ...(typeof address === 'string' && { mac: address }) });
    this.#replug();
    return this.#show(name);
  }

  #replug(): void {
    for (const { name, up, dataUrl } of this.devices.values()) {
      if (dataUrl !== null) this.fabric.plugged.set(`${this.name}:${name}`, up);
    }
    this.fabric.changed();
  }

  #show(name: string): IpLink {
    const { mac, mtu = 1500, up, carrier = true, txqlen = 1000, ifalias } = this.devices.get(name)!;
    const lower = up && carrier && this.fabric.carrier(`${this.name}:${name}`);
    const flags = ['BROADCAST', 'MULTICAST', ...(up ? ['UP'] : []), ...(lower ? ['LOWER_UP'] : [])];
    return {
      ifindex: 1,
      ifname: name,
      flags,
      mtu,
      txqlen,
      ...(ifalias && { ifalias }),
      qdisc: 'pfifo_fast',
      operstate: lower ? 'UP' : 'DOWN',
      linkmode: 'DEFAULT',
      link_type: 'ether',
      address: mac,
      broadcast: 'ff:ff:ff:ff:ff:ff',
      promiscuity: 0,
      min_mtu: 68,
      max_mtu: 65535,
      stats64: STATS64,
    };
  }
}
