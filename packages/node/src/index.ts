/** A node: hosts net_devices, plugs them into a switch, and does what control asks. */
export { RefusedError } from './agent.ts';
export { openDriver } from './driver-open.ts';
export { NodeGroup } from './node-group.ts';
export { nodeHost } from './node-host.ts';
export { type RunningNode, startNode } from './start-node.ts';
