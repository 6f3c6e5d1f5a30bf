/** The drivers: one export each, its link ops; loopback is made once a namespace. */
export { dummyLinkOps } from './dummy.ts';
export { loopbackNetInit } from './loopback.ts';
export { vethLinkOps, vethPeer } from './veth.ts';
export { type WslinkOptions, wslinkCounters, wslinkLinkOps } from './wslink.ts';
