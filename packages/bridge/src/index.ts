/** The learning bridge: forwarding database and forwarding decision. Knows nothing of sockets. */
export { BR_MAX_PORTS, Bridge } from './bridge.ts';
export { BR_STATE_DISABLED, BR_STATE_FORWARDING, BR_STATE_NAMES, BridgePort } from './bridge-port.ts';
export { DEFAULT_FDB_CAPACITY, type FdbEntry } from './fdb.ts';
export { FDB_DYNAMIC, FDB_PERMANENT, FDB_STATIC } from './fdb-table.ts';
export { FLOOD, isFlood, VERDICT_NAMES } from './verdict.ts';
