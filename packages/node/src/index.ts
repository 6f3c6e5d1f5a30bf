/** A node: hosts net_devices, plugs them into a switch, and does what control asks. */
export { RefusedError } from './agent.ts';
export { type OpenDriverOptions, openDriver } from './driver-open.ts';
export type { NodeDriver } from './driver-run.ts';
export { NodeGroup, type NodeGroupOptions } from './node-group.ts';
export { nodeHost } from './node-host.ts';
export { type NodeOptions, type RunningNode, startNode } from './start-node.ts';
