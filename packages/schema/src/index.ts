export {
  AGENT_PATH,
  AGENT_PROTOCOL,
  AgentHello,
  CONTROL_EVENTS,
  CONTROL_METHODS,
  NODE_METHODS,
  NodeApply,
  NodeApplyResult,
  RPC_METHODS,
  RpcError,
  type RpcMethod,
  type RpcParams,
  RpcRequest,
  RpcResponse,
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
  DataCarrier,
  DataFromNode,
  DataFromSwitch,
  DataHello,
  DataMark,
  DataMarkReply,
  DataMtu,
  DataWelcome,
} from './data-channel.ts';
export {
  Device,
  DeviceCreate,
  DeviceInput,
  DeviceKind,
  DevicePatch,
  DeviceSlice,
  ETH_DATA_LEN,
  ETH_MAX_MTU,
  ETH_MIN_MTU,
  Mtu,
  mergeAltnames,
} from './device.ts';
export { type DialError, dialFailure } from './dial-failure.ts';
export {
  deriveLinkName,
  Endpoint,
  isForeignEndpoint,
  type ParsedEndpoint,
  parseEndpoint,
} from './endpoint.ts';
export { Ethtool, EthtoolPatch, mergeEthtool } from './ethtool.ts';
export { FailureLimit, type FailureLimitOptions } from './failure-limit.ts';
export { FdbAdd, FdbEntry, FdbKey } from './fdb.ts';
export { Health } from './health.ts';
export { DELAY_LIMIT, Impair, ImpairPatch, NO_IMPAIR, RATE_LIMIT } from './impair.ts';
export { impairProblem } from './impair-checks.ts';
export { Cidr, type CidrValue, cidrContains, Ip, type IpValue, parseCidr, parseIp } from './ip.ts';
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
export { checkLab, type LabIssue } from './lab-checks.ts';
export {
  LAN_AGEING,
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
  LINK_MTU,
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
export { AnyMac, deriveMac, hash32, Mac } from './mac.ts';
export { AltName, DeviceName, Ifname, LinkName, Name, NodeName, RESERVED_NODE_NAMES } from './names.ts';
export { nestsDeeper } from './nesting.ts';
export { DeviceProblem, Node, NodeCreate, NodeInput, NodeView, Stack } from './node.ts';
export { PingRequest, PingResult, PingRtt } from './ping.ts';
export { Plan, PlanChange } from './plan.ts';
export { ERRNO_STATUS, Problem, ProblemIssue, statusOf } from './problem.ts';
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
export { mergeOptions, type QdiscOptions, qdiscOptionsOf, settableOptions } from './qdisc-options.ts';
export type { RouteCall, RouteInput, RouteOutput, RouteSpec } from './route.ts';
export { type CallOf, type InputOf, type OutputOf, ROUTES, type RouteId } from './routes.ts';
export {
  ClientSettings,
  ControlSettings,
  NodeSettings,
  type Role,
  SETTINGS,
  type SettingsOf,
  SwitchSettings,
  UpSettings,
} from './settings.ts';
export { readSettings, type Setting, type SettingSources, settingsOf } from './settings-read.ts';
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
export { parseSize } from './tc-units.ts';
export {
  TRACE_PROTOCOLS,
  Trace,
  TracedEvent,
  TracedFrame,
  TraceFilter,
  TraceRequest,
  TraceSeen,
  TraceStart,
} from './trace.ts';
export { Duration, Fraction, parseDuration, parseFraction, parseRate, Rate } from './units.ts';
