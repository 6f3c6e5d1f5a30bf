export { type IpPrefix, ipBytes, parsePrefix } from './address-message.ts';
export { errnoName } from './errno.ts';
export { type KernelPingRequest, type KernelPingResult, kernelPing } from './icmp.ts';
export type { LinkChange, LinuxLink } from './link-message.ts';
export { LinuxInterface } from './linux-interface.ts';
export { cleanStaleNetns, createNetns, deleteNetns, inNetns, netnsPath } from './netns.ts';
export { mountForNetns } from './netns-mounts.ts';
export { Rtnetlink } from './rtnetlink.ts';
export { type Tap, type TapOptions, tapLinkOps, tapPriv } from './tap.ts';
