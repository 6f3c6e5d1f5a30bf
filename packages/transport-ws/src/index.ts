export { alarms } from './alarm-clock.ts';
/** WebSockets: the cable of a device, the data and RPC ends of a server, and what guards its door. */
export { requestHasToken } from './auth.ts';
export { CodedError } from './coded-error.ts';
export { readFromNode } from './data-messages.ts';
export { DataSocket } from './data-socket.ts';
export { compileEagerly } from './eager-compile.ts';
export { heartbeatWheel } from './heartbeat.ts';
export { type Log, silentLog } from './log.ts';
export { openPrivateDoor } from './private-door.ts';
export { RpcClient } from './rpc-client.ts';
export { RpcError } from './rpc-message.ts';
export { type RpcHandler, RpcPeer } from './rpc-peer.ts';
export { createServer, type ListenOptions, listen, type ServerOptions } from './server.ts';
export type { TickWheel } from './tick-wheel.ts';
export { endOfTurn, eventDone } from './turn.ts';
export { createUpgradeRouter, type UpgradeRouter } from './upgrade.ts';
export type { DetachedSocket } from './ws-connection.ts';
export { WsTransport, type WsTransportOptions } from './ws-transport.ts';
