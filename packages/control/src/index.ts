/** Control: the lab as it should be, the agents that make it so, and the services behind the REST API. */
export type { LaunchedNode, NodeLauncher } from './launcher.ts';
export { type RunningControl, startControl } from './start-control.ts';
