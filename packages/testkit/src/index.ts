/** Virtual time, frames and the heap guard. For tests only. */
export { BROADCAST, type EthernetFrame, ethernetFrame, mac } from './frames.ts';
export { heapPerCall } from './heap-guard.ts';
export { mulberry32 } from './mulberry32.ts';
export { VirtualHost } from './virtual-host.ts';
