export { alarms } from './alarm-clock.ts';
/** WebSockets: the cable of a device, the data and RPC ends of a server, and what guards its door. */
export { bearerMatches, offeredProtocols, requestHasToken, tokenMatches } from './auth.ts';
export { CodedError } from './coded-error.ts';
export { type DataMessage, readFromNode, readFromSwitch } from './data-messages.ts';
export { DataSocket, type DataSocketOptions } from './data-socket.ts';
export { type DialAddress, dialAddress } from './dial.ts';
export { compileEagerly } from './eager-compile.ts';
export { heartbeatWheel } from './heartbeat.ts';
export { type Log, silentLog } from './log.ts';
export { openPrivateDoor, type PrivateDoor } from './private-door.ts';
export type { RedialOptions } from './redialer.ts';
export { RpcClient } from './rpc-client.ts';
export { RpcError } from './rpc-message.ts';
export { type CallOptions, type RpcHandler, RpcPeer } from './rpc-peer.ts';
export {
  createServer,
  type ListenAddress,
  type ListenOptions,
  listen,
  type ServerOptions,
} from './server.ts';
export type { TickWheel } from './tick-wheel.ts';
export { endOfTurn, eventDone } from './turn.ts';
export {
  createUpgradeRouter,
  type DataRoute,
  type RpcRoute,
  type UpgradeRoute,
  type UpgradeRouter,
  type UpgradeRouterOptions,
} from './upgrade.ts';
export type { DetachedSocket } from './ws-connection.ts';
export { WsTransport, type WsTransportOptions } from './ws-transport.ts';
