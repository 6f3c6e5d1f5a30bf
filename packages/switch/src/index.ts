/** The switch: LANs and wires between the data WebSockets of devices. */
export { type RunningSwitch, type SwitchOptions, startSwitch } from './start-switch.ts';
export type { SwitchCalls } from './switch-service.ts';
