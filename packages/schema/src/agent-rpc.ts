/**
 * What control, nodes and switches say to each other: JSON-RPC 2.0 on `/v1/agent`, subprotocol `etherloom.agent.v1`.
 * An error carries its errno name in `error.data.code`.
 */
import { z } from 'zod';
import { DevicePatch, DeviceSlice } from './device.ts';
import { Ethtool, EthtoolPatch } from './ethtool.ts';
import { FdbAdd, FdbEntry, FdbKey } from './fdb.ts';
import { IpAddr } from './ip-addr.ts';
import { IpLink } from './ip-link.ts';
import { IpNeigh } from './ip-neigh.ts';
import { LanPort, LanPortPatch, LanSlice } from './lan.ts';
import { LinkSlice, LinkState } from './link.ts';
import { Ifname, LinkName, Name, NodeName } from './names.ts';
import { Stack } from './node.ts';
import { PingRequest, PingResult } from './ping.ts';
import { Qdisc, QdiscKey, QdiscRequest } from './qdisc.ts';
import { DeviceStats, LinkStats } from './stats.ts';
import { strict } from './strict.ts';
import { TraceSeen, TraceStart } from './trace.ts';

export const AGENT_PATH = '/v1/agent';
export const AGENT_PROTOCOL = 'etherloom.agent.v1';

const Nothing = strict({});
const OfDevice = strict({ device: Ifname });
const OfLan = strict({ lan: Name });

const identity = { version: z.string(), pid: z.int() };
export const AgentHello = z.discriminatedUnion('role', [
  strict({ role: z.literal('node'), name: NodeName, ...identity }),
  strict({ role: z.literal('switch'), name: Name, ...identity, dataUrl: z.string() }),
]);
export type AgentHello = z.output<typeof AgentHello>;

export const NodeApply = strict({ lab: z.string(), stack: Stack, devices: z.array(DeviceSlice) });
export type NodeApply = z.output<typeof NodeApply>;

export const NodeApplyResult = strict({
  results: z.array(
    strict({ device: z.string(), error: strict({ code: z.string(), message: z.string() }).optional() }),
  ),
});
export type NodeApplyResult = z.output<typeof NodeApplyResult>;

export const SwitchApply = strict({ lans: z.array(LanSlice), links: z.array(LinkSlice) });
export type SwitchApply = z.output<typeof SwitchApply>;

export const SwitchState = strict({ lans: z.array(LanSlice), links: z.array(LinkState) });
export type SwitchState = z.output<typeof SwitchState>;

/** A process that forwards for a switch, and what lives in it. Worker 0 is the process that listens. */
export const SwitchWorker = strict({
  worker: z.int().min(0),
  pid: z.int(),
  lans: z.array(z.string()),
  /** Links between two devices; those that end in a LAN live with it. */
  wires: z.array(z.string()),
  /** CPU seconds since it started. */
  cpu: z.number(),
  /** Frames that its links were given. */
  frames: z.number(),
});
export type SwitchWorker = z.output<typeof SwitchWorker>;

/** Requests an agent sends to control. */
export const CONTROL_METHODS = {
  'agent.hello': { params: AgentHello, result: Nothing },
} as const;

/** Notifications an agent sends to control. */
export const CONTROL_EVENTS = {
  'device.changed': strict({ device: IpLink }),
  'link.changed': strict({ link: LinkState }),
} as const;

const OfTrace = strict({ id: z.string() });

/** Requests control sends to whoever carries frames. */
const TRACE_METHODS = {
  'trace.start': { params: TraceStart, result: Nothing },
  'trace.read': { params: OfTrace, result: TraceSeen },
  'trace.stop': { params: OfTrace, result: Nothing },
} as const;

/** Requests control sends to a node. */
export const NODE_METHODS = {
  ...TRACE_METHODS,
  'node.apply': { params: NodeApply, result: NodeApplyResult },
  'node.ping': { params: PingRequest, result: PingResult },
  'device.list': { params: Nothing, result: z.array(IpLink) },
  'device.set': { params: strict({ device: Ifname, patch: DevicePatch }), result: IpLink },
  'device.stats': { params: OfDevice, result: DeviceStats },
  'device.ethtool': { params: OfDevice, result: Ethtool },
  'ethtool.set': { params: strict({ device: Ifname, patch: EthtoolPatch }), result: Ethtool },
  'device.qdisc': { params: OfDevice, result: z.array(Qdisc) },
  'qdisc.set': { params: strict({ device: Ifname, qdisc: QdiscRequest }), result: z.array(Qdisc) },
  'qdisc.del': { params: strict({ device: Ifname, qdisc: QdiscKey }), result: z.array(Qdisc) },
  'node.addresses': { params: Nothing, result: z.array(IpAddr) },
  'node.neighbours': { params: Nothing, result: z.array(IpNeigh) },
} as const;

/** Requests control sends to a switch. */
export const SWITCH_METHODS = {
  ...TRACE_METHODS,
  'switch.apply': { params: SwitchApply, result: Nothing },
  'switch.state': { params: Nothing, result: SwitchState },
  'lan.ports': { params: OfLan, result: z.array(LanPort) },
  'port.set': { params: strict({ lan: Name, port: z.int().min(0), patch: LanPortPatch }), result: LanPort },
  'fdb.list': { params: OfLan, result: z.array(FdbEntry) },
  'fdb.add': { params: strict({ lan: Name, ...FdbAdd.shape }), result: FdbEntry },
  'fdb.del': { params: strict({ lan: Name, ...FdbKey.shape }), result: Nothing },
  'link.stats': { params: strict({ link: LinkName }), result: LinkStats },
  'lan.move': { params: strict({ lan: Name, worker: z.int().min(0) }), result: Nothing },
  'switch.workers': { params: Nothing, result: z.array(SwitchWorker) },
} as const;

/** Every request by name: its params and its result. */
export const RPC_METHODS = { ...CONTROL_METHODS, ...NODE_METHODS, ...SWITCH_METHODS } as const;
export type RpcMethod = keyof typeof RPC_METHODS;
export type RpcParams<M extends RpcMethod> = z.output<(typeof RPC_METHODS)[M]['params']>;
export type RpcResult<M extends RpcMethod> = z.output<(typeof RPC_METHODS)[M]['result']>;
