/** What the API asks of whoever serves it. Services throw errors with an errno name as `code`; routes do not branch. */
import type {
  DeviceCreate,
  DevicePatch,
  DeviceStats,
  Ethtool,
  EthtoolPatch,
  FdbAdd,
  FdbEntry,
  FdbKey,
  Health,
  IpAddr,
  IpLink,
  IpNeigh,
  Lab,
  LanCreate,
  LanPatch,
  LanPort,
  LanPortPatch,
  LanView,
  Link,
  LinkPatch,
  LinkStats,
  LinkView,
  NodeCreate,
  NodeView,
  PingRequest,
  PingResult,
  Plan,
  Qdisc,
  QdiscKey,
  QdiscPatch,
  QdiscPut,
  Trace,
  TraceRequest,
} from '@etherloom/schema';

export type Awaitable<T> = T | Promise<T>;

export interface LabService {
  get(): Awaitable<Lab>;
  /** Idempotent. With dryRun nothing changes. */
  put(lab: Lab, options: { dryRun: boolean }): Awaitable<Plan>;
  delete(options: { dryRun: boolean }): Awaitable<Plan>;
}

export interface NodeService {
  list(): Awaitable<NodeView[]>;
  create(node: NodeCreate): Awaitable<NodeView>;
  get(node: string): Awaitable<NodeView>;
  delete(node: string): Awaitable<void>;
  ping(node: string, request: PingRequest): Awaitable<PingResult>;
  addresses(node: string): Awaitable<IpAddr[]>;
  neighbours(node: string): Awaitable<IpNeigh[]>;
}

export interface DeviceService {
  list(node: string): Awaitable<IpLink[]>;
  create(node: string, device: DeviceCreate): Awaitable<IpLink>;
  get(node: string, device: string): Awaitable<IpLink>;
  patch(node: string, device: string, patch: DevicePatch): Awaitable<IpLink>;
  delete(node: string, device: string): Awaitable<void>;
  stats(node: string, device: string): Awaitable<DeviceStats>;
  qdisc(node: string, device: string): Awaitable<Qdisc[]>;
  putQdisc(node: string, device: string, qdisc: QdiscPut): Awaitable<Qdisc[]>;
  /** Merges; throws an InputError for options that the kind does not have. */
  patchQdisc(node: string, device: string, patch: QdiscPatch): Awaitable<Qdisc[]>;
  deleteQdisc(node: string, device: string, key: QdiscKey): Awaitable<Qdisc[]>;
  ethtool(node: string, device: string): Awaitable<Ethtool>;
  patchEthtool(node: string, device: string, patch: EthtoolPatch): Awaitable<Ethtool>;
}

export interface LanService {
  list(): Awaitable<LanView[]>;
  create(lan: LanCreate): Awaitable<LanView>;
  get(lan: string): Awaitable<LanView>;
  patch(lan: string, patch: LanPatch): Awaitable<LanView>;
  delete(lan: string): Awaitable<void>;
  ports(lan: string): Awaitable<LanPort[]>;
  patchPort(lan: string, port: number, patch: LanPortPatch): Awaitable<LanPort>;
  fdb(lan: string): Awaitable<FdbEntry[]>;
  fdbAdd(lan: string, entry: FdbAdd): Awaitable<FdbEntry>;
  fdbDelete(lan: string, key: FdbKey): Awaitable<void>;
}

/** A link as asked for, parsed; the service resolves it against its lab (`resolveLink`). */
export type LinkRequest = Pick<Link, 'endpoints'> & LinkPatch & { name?: string | undefined };

export interface LinkService {
  list(): Awaitable<LinkView[]>;
  create(link: LinkRequest): Awaitable<LinkView>;
  get(link: string): Awaitable<LinkView>;
  patch(link: string, patch: LinkPatch): Awaitable<LinkView>;
  delete(link: string): Awaitable<void>;
  stats(link: string): Awaitable<LinkStats>;
}

export interface TraceService {
  create(request: TraceRequest): Awaitable<Trace>;
  get(trace: string): Awaitable<Trace>;
  delete(trace: string): Awaitable<void>;
}

export interface HealthService {
  health(): Awaitable<Health>;
  /** What keeps the lab from being as asked for; empty when it has converged. */
  waiting(): Awaitable<string[]>;
}

export interface Services {
  readonly lab: LabService;
  readonly nodes: NodeService;
  readonly devices: DeviceService;
  readonly lans: LanService;
  readonly links: LinkService;
  readonly traces: TraceService;
  readonly health: HealthService;
}
