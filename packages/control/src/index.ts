/** Control: the lab as it should be, the agents that make it so, and the services behind the REST API. */
export { ControlError } from './control-error.ts';
export { FileStore } from './file-store.ts';
export type { LabStore, StoredLab } from './lab-store.ts';
export type { LaunchedNode, NodeLauncher } from './launcher.ts';
export { MemoryStore } from './memory-store.ts';
export { changeText, type PlanStep, plan } from './plan.ts';
export { type ControlOptions, type RunningControl, startControl } from './start-control.ts';
