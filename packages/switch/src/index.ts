/** The switch: LANs and wires between the data WebSockets of devices. */
export { type RunningSwitch, startSwitch } from './start-switch.ts';
