export { ipBytes, parsePrefix } from './address-message.ts';
export { type KernelPingRequest, type KernelPingResult, kernelPing } from './icmp.ts';
export { dumpAddresses, dumpNeighbours } from './ip-dump.ts';
export { LinuxInterface } from './linux-interface.ts';
export { LoopedTap, loopedTapLinkOps } from './looped-tap.ts';
export { cleanStaleNetns, createNetns, deleteNetns, inNetns, netnsPath } from './netns.ts';
export { mountForNetns } from './netns-mounts.ts';
export { Rtnetlink } from './rtnetlink.ts';
export { tapLinkOps, tapPriv } from './tap.ts';
