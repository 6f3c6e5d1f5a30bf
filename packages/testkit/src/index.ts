/** Virtual time, frames, a network card without a wire, and the heap guard. For tests only. */
export { BROADCAST, ethernetFrame, mac } from './frames.ts';
export { heapPerCall } from './heap-guard.ts';
export { RingNic, type RingNicOptions, testSkb } from './ring-nic.ts';
export { SinkNic } from './sink-nic.ts';
export { superFrame } from './super-frame.ts';
export { type L4Frame, l4Frame, l4VnetFrame } from './tcp-frame.ts';
export { VirtualHost } from './virtual-host.ts';
