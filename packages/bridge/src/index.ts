/** The learning bridge: forwarding database and forwarding decision. Knows nothing of sockets. */
export { BR_GROUPFWD_RESTRICTED, BR_MAX_PORTS, Bridge, type BridgeOptions } from './bridge.ts';
export {
  BR_STATE_BLOCKING,
  BR_STATE_DISABLED,
  BR_STATE_FORWARDING,
  BR_STATE_LEARNING,
  BR_STATE_LISTENING,
  BR_STATE_NAMES,
  BridgePort,
  type BridgePortConfig,
  type BrState,
} from './bridge-port.ts';
export { DEFAULT_AGEING_MS, DEFAULT_FDB_CAPACITY, Fdb, type FdbEntry } from './fdb.ts';
export { FDB_DYNAMIC, FDB_PERMANENT, FDB_STATIC, NO_PORT } from './fdb-table.ts';
export {
  DROP_EGRESS_PORT_NFWD,
  DROP_INGRESS_PORT_NFWD,
  DROP_ISOLATED,
  DROP_LINK_LOCAL,
  DROP_MAC_CONTROL,
  DROP_MAC_INVALID_SOURCE,
  DROP_RUNT,
  DROP_SAME_PORT,
  FLOOD,
  FLOOD_BROADCAST,
  FLOOD_MULTICAST,
  isFlood,
  VERDICT_NAMES,
} from './verdict.ts';
