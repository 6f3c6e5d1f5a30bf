/**
 * The user stack: ARP, IPv4, ICMP and UDP for devices that no operating system drives. Begin with inet.ts.
 * Not here: IPv6 (use `stack: kernel`), TCP (tcp/README.md), IGMP, routes other than subnets and one gateway.
 */
export { Inet } from './inet.ts';
