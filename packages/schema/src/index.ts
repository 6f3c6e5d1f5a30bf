export {
  AGENT_PATH,
  AGENT_PROTOCOL,
  AgentHello,
  CONTROL_EVENTS,
  NODE_METHODS,
  NodeApply,
  NodeApplyResult,
  RPC_METHODS,
  type RpcMethod,
  type RpcParams,
  type RpcResult,
  SWITCH_METHODS,
  SwitchApply,
  SwitchState,
  SwitchWorker,
} from './agent-rpc.ts';
export {
  DATA_PATH,
  DATA_PROTOCOL,
  DataBye,
  DataFromNode,
  DataFromSwitch,
  DataHello,
  DataWelcome,
} from './data-channel.ts';
export {
  Device,
  DeviceCreate,
  DeviceInput,
  DeviceKind,
  DevicePatch,
  DeviceSlice,
  Mtu,
  mergeAltnames,
} from './device.ts';
export { dialFailure } from './dial-failure.ts';
export { deriveLinkName, Endpoint, parseEndpoint } from './endpoint.ts';
export { Ethtool, EthtoolPatch, mergeEthtool } from './ethtool.ts';
export { FailureLimit } from './failure-limit.ts';
export { FdbAdd, FdbEntry, FdbKey } from './fdb.ts';
export { Health } from './health.ts';
export { Impair, ImpairPatch, NO_IMPAIR } from './impair.ts';
export { Cidr, Ip, parseIp } from './ip.ts';
export { AddrInfo, IpAddr } from './ip-addr.ts';
export { IpLink } from './ip-link.ts';
export { IpNeigh } from './ip-neigh.ts';
export {
  InputError,
  type InputErrorOptions,
  type InputIssue,
  type IssuePath,
  issuesOf,
  issueText,
  parseWith,
  pathText,
} from './issues.ts';
export { emptyLab, Lab, LabInput, parseLab, resolveDevice, resolveNode } from './lab.ts';
export { checkLab } from './lab-checks.ts';
export {
  Lan,
  LanCreate,
  LanInput,
  LanPatch,
  LanPort,
  LanPortPatch,
  LanSlice,
  LanView,
  PortCounters,
  PortState,
} from './lan.ts';
export {
  effectiveImpair,
  Link,
  LinkEnd,
  LinkInput,
  LinkPatch,
  LinkSlice,
  LinkState,
  LinkView,
  mergeLink,
  resolveLink,
  viewLink,
} from './link.ts';
export { isLoopback } from './loopback.ts';
export { Mac } from './mac.ts';
export { AltName, DeviceName, Ifname, LinkName, Name, NodeName } from './names.ts';
export { nestsDeeper } from './nesting.ts';
export { DeviceProblem, Node, NodeCreate, NodeInput, NodeView, Stack } from './node.ts';
export { PingRequest, PingResult, PingRtt } from './ping.ts';
export { Plan, PlanChange } from './plan.ts';
export { Problem, statusOf } from './problem.ts';
export {
  configuredQdiscs,
  Qdisc,
  QdiscConfig,
  QdiscInput,
  QdiscKey,
  QdiscPatch,
  QdiscPut,
  QdiscRequest,
} from './qdisc.ts';
export { mergeOptions, type QdiscOptions, qdiscOptionsOf } from './qdisc-options.ts';
export type { RouteSpec } from './route.ts';
export { type CallOf, type InputOf, type OutputOf, ROUTES, type RouteId } from './routes.ts';
export {
  ClientSettings,
  ControlSettings,
  NodeSettings,
  type Role,
  type SettingsOf,
  SwitchSettings,
  UpSettings,
} from './settings.ts';
export { readSettings, type Setting, settingsOf } from './settings-read.ts';
export { socketUrl } from './socket-url.ts';
export {
  DeviceStats,
  Drops,
  ImpairCounts,
  Lateness,
  LinkDirectionStats,
  LinkStats,
  Stats64,
  Stats64Rx,
  Stats64Tx,
} from './stats.ts';
export {
  Trace,
  TracedEvent,
  TracedFrame,
  TraceFilter,
  TraceRequest,
  TraceSeen,
  TraceStart,
} from './trace.ts';
export { Duration, Fraction, parseDuration, Rate } from './units.ts';
