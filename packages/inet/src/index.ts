/**
 * The user stack: ARP, IPv4, ICMP and UDP for devices that no operating system drives. Begin with inet.ts.
 * Not here: IPv6 (use `stack: kernel`), TCP (tcp/README.md), IGMP, routes other than subnets and one gateway.
 */
export { errnoName } from './errno.ts';
export type { AddrInfo } from './in-device.ts';
export { type DeviceConf, Inet, type NeighInfo } from './inet.ts';
export { PING_MAX_SIZE, type PingOptions, type PingSignal } from './ping.ts';
export type { PingResult } from './ping-run.ts';
export type { Protocol } from './protocol.ts';
export type { InetStats } from './snmp.ts';
export type { UdpBindOptions } from './udp.ts';
export {
  UDP_MAX_PAYLOAD,
  type UdpErrorHandler,
  type UdpMessageHandler,
  type UdpSocket,
} from './udp-socket.ts';
